class Workflow:
    async def __call__(self, problem):
        t1 = asyncio.create_task(self.custom(input=problem))
        r = await t1
        return r["response"]
