class Workflow:
    async def __call__(self, problem, entry_point):
        yield problem
