class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem)
        print(r["response"])
return r["response"]
