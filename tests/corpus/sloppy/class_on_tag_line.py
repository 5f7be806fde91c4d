<graph>class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem)
        return r['response']
</graph>
