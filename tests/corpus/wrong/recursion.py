class Workflow:
    async def ask(self, problem, n):
        if n == 0:
            return problem
        r = await self.custom(input=problem)
        return await self.ask(r["response"], n - 1)
    async def __call__(self, problem):
        return await self.ask(problem, 3)
