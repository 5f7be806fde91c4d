class Workflow:
    async def __call__(self, problem, entry_point):
        best = await self.sc_ensemble(solutions=[await self.custom(input=problem) for _ in range(3)], problem=problem)
        return best["response"], self.llm.get_usage_summary()["total_cost"]
