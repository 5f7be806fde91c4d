class Workflow:
    async def __call__(self, problem, entry_point):
        solutions = []
        for _ in range(3):
            solutions.append(await self.custom(input=problem))
        best = await self.sc_ensemble(solutions=solutions)
        return best["response"], self.llm.get_usage_summary()["total_cost"]
