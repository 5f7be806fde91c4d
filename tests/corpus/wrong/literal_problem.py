class Workflow:
    async def __call__(self, problem, entry_point):
        return problem.upper(), self.llm.get_usage_summary()["total_cost"]
