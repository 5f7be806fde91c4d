class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.vote = operator.MdEnsemble(self.llm, vote_count=3)
    async def __call__(self, problem):
        a = await self.custom(input=problem)
        b = await self.custom(input=problem, instruction="Think.")
        v = await self.vote(solutions=[a["response"], b["response"]], problem=problem)
        return v["solution"], 0
