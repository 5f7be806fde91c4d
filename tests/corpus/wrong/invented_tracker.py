class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(input=problem)
        return r["response"], self.llm.usage_tracker.get_summary()["total_cost"]
