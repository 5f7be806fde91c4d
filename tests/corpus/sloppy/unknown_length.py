class Workflow:
    async def __call__(self, problem, entry_point):
        out = []
        for line in problem.splitlines():
            r = await self.custom(input=line)
            out.append(r["response"])
        return "\n".join(out), self.llm.get_usage_summary()["total_cost"]
