class Workflow:
    async def __call__(self, problem, entry_point):
        x = problem $ 1
        r = await self.custom(input=x)
        return r["response"], self.llm.get_usage_summary()["total_cost"]
