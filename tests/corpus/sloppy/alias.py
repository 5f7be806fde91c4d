class Workflow:
    async def __call__(self, problem, entry_point):
        a = await self.custom(input=problem)
        r = await self.ensemble(solutions=[a["response"]])
        return r["response"], self.llm.get_usage_summary()["total_cost"]
