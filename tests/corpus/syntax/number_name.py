class Workflow:
    async def __call__(self, problem, entry_point):
        x = 3solutions
        r = await self.custom(input=str(x))
        return r["response"], self.llm.get_usage_summary()["total_cost"]
