class Workflow:
    async def __call__(self, problem, entry_point):
        def f(a):
            return a
        r = await self.custom(input=f(problem, 2))
        return r["response"], self.llm.get_usage_summary()["total_cost"]
