class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(input=problem)
        return str("".__class__.__mro__), r["response"]
