class Workflow:
    async def __call__(self, problem, entry_point):
        solutions = []
        for _ in range(3):
            try:
                r = await self.custom_code_generate(problem=problem, entry_point=entry_point)
                if r.get("response"):
                    solutions.append(r["response"])
            except Exception:
                continue
        if not solutions:
            return "", self.llm.get_usage_summary()["total_cost"]
        best = await self.sc_ensemble(solutions=solutions, problem=problem)
        return best["response"], self.llm.get_usage_summary()["total_cost"]
