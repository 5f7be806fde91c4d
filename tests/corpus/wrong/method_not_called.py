class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem)
        strip = r["response"].strip
        x = r["response"].strip
        return strip()
