async def workflow(problem, entry_point):
    r = await self.custom(input=problem)
    return r["response"]
