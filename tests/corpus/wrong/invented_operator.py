class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.validate = operator.Validate(self.llm)
    async def __call__(self, problem):
        r = await self.custom(input=problem)
        v = await self.validate(code=r["response"])
        return v["response"]
