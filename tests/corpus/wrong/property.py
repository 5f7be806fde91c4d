class Workflow:
    @property
    def tools(self):
        return []
    async def __call__(self, problem):
        r = await self.custom(input=problem)
        return r["response"]
