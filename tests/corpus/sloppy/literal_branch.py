class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.test(problem=problem, solution="pass", entry_point=entry_point)
        if r["result"]:
            return r["solution"], self.llm.get_usage_summary()["total_cost"]
        return "no solution", self.llm.get_usage_summary()["total_cost"]
