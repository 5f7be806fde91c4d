class Workflow:
    async def __call__(self, problem)
        return problem
