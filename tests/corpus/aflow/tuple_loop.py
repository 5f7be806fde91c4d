class Workflow:
    async def __call__(self, problem, entry_point):
        best = ""
        for style, hint in [("brief", "one line"), ("full", "all steps")]:
            r = await self.custom(input=problem, instruction=f"{style}: {hint}")
            best = max(best, r["response"])
        return best, self.llm.get_usage_summary()["total_cost"]
