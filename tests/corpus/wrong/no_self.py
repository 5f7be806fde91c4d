class Workflow:
    async def __call__(problem, entry_point):
        r = await custom(input=problem)
        return r["response"]
