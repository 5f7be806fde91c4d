class Workflow:
    async def __call__(self, problem, entry_point):
        if problem = "x":
            return problem, self.llm.get_usage_summary()["total_cost"]
