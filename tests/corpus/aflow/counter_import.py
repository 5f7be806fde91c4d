class Workflow:
    async def __call__(self, problem, entry_point):
        from collections import Counter as C
        votes = [(await self.answer_generate(input=problem))["answer"] for _ in range(5)]
        answer, times = C(votes).most_common(1)[0]
        if times >= 3:
            return answer, self.llm.get_usage_summary()["total_cost"]
        r = await self.sc_ensemble(solutions=votes, problem=problem)
        return r["response"], self.llm.get_usage_summary()["total_cost"]
