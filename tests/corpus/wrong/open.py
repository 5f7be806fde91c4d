class Workflow:
    async def __call__(self, problem, entry_point):
        t = open("notes.txt").read()
        r = await self.custom(input=t)
        return r["response"], self.llm.get_usage_summary()["total_cost"]
