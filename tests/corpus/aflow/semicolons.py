class Workflow:
    async def __call__(self, problem, entry_point):
        a = 1; b = 2
        if a < b: r = await self.custom(input=problem)
        else: r = await self.custom(input=problem, instruction="b")
        return r["response"], self.llm.get_usage_summary()["total_cost"]
