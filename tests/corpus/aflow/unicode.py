class Workflow:
    async def __call__(self, problem, entry_point):
        größe = "Lösung 😀"
        r = await self.custom(input=problem + größe, instruction="\u00e9\x41\101")
        return r["response"], self.llm.get_usage_summary()["total_cost"]
