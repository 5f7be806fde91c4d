class Workflow(SolveGraph):
    def __init__(self, name, llm_config, dataset, vote_count: int = 2):
        super().__init__(name, llm_config, dataset)
        self.md_ensemble = operator.MdEnsemble(self.llm, vote_count=vote_count)
        self.log = []

    async def __call__(self, problem, context="none"):
        for i in range(2):
            r = await self.custom(input=f"{context}: {problem}", instruction=f"Way {i}")
            self.log.append(r["response"])
        v = await self.md_ensemble(self.log, problem, mode="context_fill")
        return v["solution"], self.llm.cost_manager.get_total_cost()
