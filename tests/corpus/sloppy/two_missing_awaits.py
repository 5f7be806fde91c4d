class Workflow:
    async def __call__(self, problem, entry_point):
        solutions = []
        for _ in range(5):
            r = await self.custom(input=problem, instruction="Solve.")
            solutions.append(r["response"])
        best = self.sc_ensemble(solutions=solutions, problem=problem)
        review = self.programmer(problem=problem, analysis=best["response"])
        return review["output"], self.llm.get_usage_summary()["total_cost"]
