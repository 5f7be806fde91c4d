class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.answer_generate(problem, None, "x")
        return r["answer"], self.llm.get_usage_summary()["total_cost"]
