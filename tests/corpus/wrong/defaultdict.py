class Workflow:
    async def __call__(self, problem):
        votes = defaultdict(int)
        for _ in range(3):
            r = await self.answer_generate(input=problem)
            votes[r["answer"]] += 1
        return max(votes.items(), key=lambda x: x[1])[0], self.llm.get_usage_summary()["total_cost"]
