class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(input=problem)
        f = await self.format(problem=problem, solution=r["response"])
        return f["solution"], self.llm.get_usage_summary()["total_cost"]
