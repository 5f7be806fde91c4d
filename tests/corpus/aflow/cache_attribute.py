class Workflow:
    def __init__(self, name, llm_config, dataset):
        super().__init__(name, llm_config, dataset)
        self.custom = operator.Custom(self.llm)
        self.temperature: float = 0.7
        self.styles = ["a", "b"]
        self.cache = {}
    async def __call__(self, problem):
        for style in self.styles:
            self.cache[style] = (await self.custom(input=problem, instruction=style))["response"]
        return " ".join(self.cache.values()), self.llm.get_usage_summary()["total_cost"]
