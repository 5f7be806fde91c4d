class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem, instruction="Reply as JSON {"answer": ...}")
        return json.loads(r["response"])["answer"]
