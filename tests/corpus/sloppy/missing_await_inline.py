class Workflow:
    async def __call__(self, problem, entry_point):
        return self.custom(input=problem)["response"], self.llm.get_usage_summary()["total_cost"]
