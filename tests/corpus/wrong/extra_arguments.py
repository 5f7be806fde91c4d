class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(input=problem, instruction="", client=None, task_type="math")
        return r["response"], self.llm.get_usage_summary()["total_cost"]
