class Workflow:
    async def __call__(self, problem, entry_point):
        solutions = [
            await self.answer_generate(input=problem),
            await self.answer_generate(input=problem),
        ]
        answers = [item["answer"] for item in solutions]
        best = await self.sc_ensemble(solutions=answers)
        return best["response"], self.llm.get_usage_summary()["total_cost"]
