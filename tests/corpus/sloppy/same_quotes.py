class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem)
        s = await self.custom(input=f"{r["response"]}!")
        return s["response"]
