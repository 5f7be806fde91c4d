class Workflow:
    async def __call__(self, problem, entry_point):
        first, *rest = [(await self.custom(input=problem, instruction=str(i)))["response"] for i in range(4)]
        best = await self.sc_ensemble(solutions=[first, *rest])
        return best["response"], self.llm.get_usage_summary()["total_cost"]
