class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(input=problem, instruction="Answer yes or no.")
        if "yes" in r["response"].lower():
            return "yes", self.llm.get_usage_summary()["total_cost"]
        return "no", self.llm.get_usage_summary()["total_cost"]
