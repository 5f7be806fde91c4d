class Workflow:
    async def __call__(self, problem, entry_point):
        f = self.custom
        r = await self.answer_generate(input=problem)
        return r["answer"], self.llm.get_usage_summary()["total_cost"]
