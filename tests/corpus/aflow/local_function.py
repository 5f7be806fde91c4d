class SolveEnsemble(BaseWorkflow):
    async def __call__(self, problem):
        def number(text):
            digits = [c for c in text if c.isdigit() or c == "."]
            return "".join(digits)
        results = []
        for _ in range(3):
            r = await self.custom(input=problem, instruction="Give a number.")
            results.append(number(r["response"]))
        best = await self.md_ensemble(solutions=results, problem=problem)
        return best["solution"], self.llm.get_usage_summary()["total_cost"]
