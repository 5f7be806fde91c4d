class Workflow:
    async def __call__(self, problem, entry_point):
        x = sum(i for i in [1], 2)
        r = await self.custom(input=problem)
        return r["response"], self.llm.get_usage_summary()["total_cost"]
