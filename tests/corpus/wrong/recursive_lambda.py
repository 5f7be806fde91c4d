class Workflow:
    async def __call__(self, problem, entry_point):
        f = lambda n: n if n < 2 else f(n - 1)
        r = await self.custom(input=str(f(3)))
        return r["response"], self.llm.get_usage_summary()["total_cost"]
