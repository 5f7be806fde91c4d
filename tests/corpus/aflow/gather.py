class Workflow:
    async def __call__(self, problem, entry_point):
        tasks = [self.custom(input=problem, instruction=f"Style {i}") for i in range(4)]
        results = await asyncio.gather(*tasks)
        best = await self.sc_ensemble(solutions=[r["response"] for r in results], problem=problem)
        return best["response"], self.llm.get_usage_summary()["total_cost"]
