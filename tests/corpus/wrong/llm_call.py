class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.llm(problem)
        s = await self.custom(input=problem)
        return s["response"], self.llm.get_usage_summary()["total_cost"]
