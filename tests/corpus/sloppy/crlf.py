class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem, instruction="""a
b""")
        return r["response"]
