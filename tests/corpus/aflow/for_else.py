class Workflow:
    async def __call__(self, problem, entry_point):
        for i in range(2):
            r = await self.custom(input=problem, instruction=str(i))
            if r["response"].startswith("OK"):
                break
        else:
            r = await self.custom(input=problem, instruction="Last try.")
        return r["response"], self.llm.get_usage_summary()["total_cost"]
