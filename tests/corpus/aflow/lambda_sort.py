class Workflow:
    async def __call__(self, problem, entry_point):
        pairs = []
        for i in range(3):
            r = await self.custom(input=problem, instruction=f"Variant {i}")
            pairs.append((len(r["response"]), r["response"]))
        pairs.sort(key=lambda pair: pair[0])
        return pairs[0][1], self.llm.get_usage_summary()["total_cost"]
