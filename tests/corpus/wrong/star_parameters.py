class Workflow:
    async def __call__(self, problem: str, *args, **kwargs):
        r = await self.custom(input=problem)
        return r["response"]
