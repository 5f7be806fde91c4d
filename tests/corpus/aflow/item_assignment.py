class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(input=problem, instruction="")
        r["response"] = r["response"].strip()
        return r["response"], self.llm.get_usage_summary()["total_cost"]
