class Workflow:
    async def __call__(self, problem):
        a = await self.custm(input=problem)
        b = await self.custom(inpt=problem)
        del b
        return c["response"]
