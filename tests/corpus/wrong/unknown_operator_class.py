class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.think = operator.DeepThink(self.llm)
    async def __call__(self, problem):
        r = await self.custom(input=problem)
        return r["response"]
