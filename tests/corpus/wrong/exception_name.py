class Workflow:
    async def __call__(self, problem, entry_point):
        try:
            r = await self.custom(input=problem)
        except KeyboardInterrupt:
            return "", self.llm.get_usage_summary()["total_cost"]
        return r["response"], self.llm.get_usage_summary()["total_cost"]
