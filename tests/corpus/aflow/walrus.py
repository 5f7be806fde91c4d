class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(input=problem, instruction="")
        if (n := len(r["response"])) > 10 and n < 1000:
            return r["response"], self.llm.get_usage_summary()["total_cost"]
        s = await self.custom(input=f"{problem} ({n})", instruction="")
        return s["response"], self.llm.get_usage_summary()["total_cost"]
