class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.programmer(problem=problem)
        return str(eval(r["output"])), self.llm.get_usage_summary()["total_cost"]
