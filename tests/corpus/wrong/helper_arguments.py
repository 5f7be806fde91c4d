class Workflow:
    def pick(self, a, b):
        return a
    async def __call__(self, problem):
        r = await self.custom(input=self.pick(problem))
        return r["response"]
