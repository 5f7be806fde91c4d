class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.llm = create_llm_instance(llm_config)
        self.custom = operator.Custom(self.llm)
        self.rounds = 2

    def clean(self, text):
        return text.strip().lower()

    async def ask(self, problem, style="plain"):
        r = await self.custom(input=problem, instruction=f"Answer in a {style} style.")
        return self.clean(r["response"])

    async def __call__(self, problem):
        answers = []
        for i in range(self.rounds):
            answers.append(await self.ask(problem, style=str(i)))
        best = await self.sc_ensemble(solutions=answers, problem=problem)
        return best["response"], self.llm.get_usage_summary()["total_cost"]
