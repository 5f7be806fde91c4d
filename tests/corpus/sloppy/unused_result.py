class Workflow:
    async def __call__(self, problem, entry_point):
        a = await self.custom(input=problem)
        b = await self.custom(input=problem)
        return b["response"], self.llm.get_usage_summary()["total_cost"]
