class Workflow:
    async def __call__(self, problem):
        kwargs = {"input": problem, "instruction": "x"}
        r = await self.custom(**kwargs)
        return r["response"]
