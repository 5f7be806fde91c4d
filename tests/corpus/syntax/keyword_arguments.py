class Workflow:
    async def __call__(self, problem, entry_point):
        a = {"input": problem}
        r = await self.custom(**a)
        return r["response"], self.llm.get_usage_summary()["total_cost"]
