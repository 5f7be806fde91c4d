class Workflow:
    async def __call__(self, problem, entry_point):
        parts = problem.split("\n\n")[:3]
        notes = []
        for i, part in enumerate(parts, 1):
            r = await self.custom(input=part, instruction=f"Part {i}")
            notes.append(f"{i}. {r['response'][:200]}")
        s = await self.custom(input="\n".join(notes), instruction="Conclude.")
        return s["response"], self.llm.get_usage_summary()["total_cost"]
