class Workflow:
    async def __call__(self, problem, entry_point):
        drafts = [(await self.custom(input=problem, instruction=str(i)))["response"] for i in range(3)]
        best = await self.sc_ensemble(solutions=drafts)
        return best["response"], self.llm.get_usage_summary()["total_cost"]
