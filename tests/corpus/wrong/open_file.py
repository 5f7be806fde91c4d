class Workflow:
    async def __call__(self, problem):
        with open("x") as f:
            pass
        r = await self.custom(input=problem)
        return r["response"]
