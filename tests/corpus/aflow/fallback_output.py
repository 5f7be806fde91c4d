class Workflow:
    async def __call__(self, problem, entry_point):
        reasoning = await self.custom(input=problem, instruction="Reason.")
        analysis = reasoning["response"]
        code = await self.programmer(problem=problem, analysis=analysis)
        output = code["output"]
        final = output if output and output.strip() else analysis
        return final, self.llm.get_usage_summary()["total_cost"]
