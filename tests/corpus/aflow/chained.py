class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(input=problem, instruction="")
        n = m = len(r["response"])
        if 0 < n <= m < 10_000 and not (n == 0 or m is None):
            return r["response"].strip().lower().replace("answer:", "")[:-1], self.llm.get_usage_summary()["total_cost"]
        return r["response"], self.llm.get_usage_summary()["total_cost"]
