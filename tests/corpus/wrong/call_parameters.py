class Workflow:
    async def __call__(self, problem, entry_point, tests):
        r = await self.custom(input=problem)
        return r["response"]
