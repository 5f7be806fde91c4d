class Workflow:
    async def __call__(self, problem, entry_point):
        a, b = await asyncio.gather(self.custom(input=problem), self.answer_generate(input=problem))
        c = await self.custom(input=a["response"] + b["answer"], instruction="Merge.")
        return c["response"], self.llm.get_usage_summary()["total_cost"]
