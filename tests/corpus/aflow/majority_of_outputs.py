class Workflow:
    async def __call__(self, problem):
        async def attempt(k):
            r = await self.programmer(problem=problem, analysis=f"attempt {k}")
            return r["output"]
        outputs = await asyncio.gather(*(attempt(k) for k in range(3)), return_exceptions=True)
        good = [str(o) for o in outputs if o and not isinstance(o, Exception) and "Error" not in str(o)]
        if not good:
            fallback = await self.answer_generate(problem)
            return fallback["answer"], self.llm.get_usage_summary()["total_cost"]
        winner = max(sorted(set(good)), key=good.count)
        return winner, self.llm.get_usage_summary()["total_cost"]
