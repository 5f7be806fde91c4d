class Workflow:
    async def __call__(self, problem, entry_point):
        first = await self.custom(input=problem, instruction="Solve it.")
        seen = await self.review(problem=problem, solution=first["response"])
        if not seen["review_result"]:
            better = await self.revise(problem=problem, solution=first["response"], feedback=seen["feedback"])
            return better["solution"], self.llm.get_usage_summary()["total_cost"]
        return first["response"], self.llm.get_usage_summary()["total_cost"]
