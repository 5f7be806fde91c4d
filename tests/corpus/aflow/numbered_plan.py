class Workflow:
    async def __call__(self, problem):
        plan = await self.custom(input=problem, instruction="Break the problem into numbered steps.")
        steps = [line.strip() for line in plan["response"].splitlines() if line.strip() and line.strip()[0].isdigit()]
        context = ""
        for i, step in enumerate(steps[:5], start=1):
            out = await self.custom(input=f"Problem: {problem}\nDone so far:\n{context}\nNext step: {step}", instruction="Do this step.")
            context += f"\n{i}. {step}: {out['response']}"
        final = await self.answer_generate(input=problem + context)
        return final["answer"], self.llm.get_usage_summary()["total_cost"]
