class Workflow:
    async def __call__(self, problem, entry_point):
        x = problem.if
        r = await self.custom(input=problem)
        return r["response"], self.llm.get_usage_summary()["total_cost"]
