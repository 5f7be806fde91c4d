class Workflow:
    async def __call__(self, problem, entry_point):
        counts = {}
        for _ in range(3):
            r = await self.answer_generate(input=problem)
            counts[r["answer"]] = counts.get(r["answer"], 0) + 1
        return max(counts, key=lambda k: counts[k]), self.llm.get_usage_summary()["total_cost"]
