class Workflow:
    def __init__(self, name, llm_config, dataset):
        for i in range(3):
            self.x = i
    async def __call__(self, problem):
        r = await self.custom(input=problem)
        return r["response"]
