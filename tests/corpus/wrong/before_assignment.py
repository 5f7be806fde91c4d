class Workflow:
    async def __call__(self, problem, entry_point):
        best = best_so_far
        best_so_far = await self.custom(input=problem)
        return best_so_far["response"], self.llm.get_usage_summary()["total_cost"]
