class Workflow:
    async def __call__(self, problem, entry_point):
        while True:
            r = await self.custom(input=problem)
            print(r["response"])
