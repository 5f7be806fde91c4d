class Workflow:
    async def __call__(self, problem, entry_point):
        sols = await self.multi_generate(problem=problem, entry_point=entry_point, n=4)
        passed = []
        for s in sols["responses"]:
            t = await self.test(problem=problem, solution=s, entry_point=entry_point)
            if t["result"]: passed.append(t["solution"])
        if len(passed) == 1: return passed[0], self.llm.get_usage_summary()["total_cost"]
        pool = passed or sols["responses"]
        e = await self.md_ensemble(solutions=pool, problem=problem)
        return e["solution"], self.llm.get_usage_summary()["total_cost"]
