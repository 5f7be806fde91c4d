class Workflow:
    async def __call__(self, problem, entry_point):
        def score(text, weight=2):
            def half(n):
                return n / weight
            return half(len(text))
        drafts = []
        for i in range(3):
            r = await self.custom(input=problem, instruction=str(i))
            drafts.append(r["response"])
        return sorted(drafts, key=lambda d: score(d, weight=3), reverse=True)[0], self.llm.get_usage_summary()["total_cost"]
