class Workflow:
    async def __call__(self, problem, entry_point):
        many = await self.multi_generate(problem=problem, entry_point=entry_point, instruction="", n=5)
        best = await self.sc_ensemble(solutions=many["responses"], problem=problem)
        return best["response"], self.llm.get_usage_summary()["total_cost"]
