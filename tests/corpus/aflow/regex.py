class Workflow:
    async def __call__(self, problem, entry_point):
        import re
        r = await self.custom(input=problem, instruction="End with ANSWER: x")
        m = re.search(r"ANSWER:\s*(.+)", r["response"])
        answer = m.group(1).strip() if m else r["response"]
        return answer, self.llm.get_usage_summary()["total_cost"]
