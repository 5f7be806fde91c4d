class Workflow:
    async def __call__(self, problem, entry_point):
        parts = []
        for i in range(3):
            r = await self.custom(input=problem, instruction=f"Part {i}")
            parts.append(r["response"])
        overview = "; ".join(parts)
        checked = []
        for part in parts:
            c = await self.review(problem=overview, solution=part)
            checked.append(c["feedback"])
        final = await self.custom(input="\n".join(checked), instruction="Conclude.")
        return final["response"], self.llm.get_usage_summary()["total_cost"]
