class Workflow:
    async def call(self, problem):
        r = await self.custom(input=problem)
        return r["response"]
