class Workflow:
    async def __call__(self, problem, entry_point):
        for attempt in range(3):
            code = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction=f"Attempt {attempt + 1}")
            checked = await self.test(problem=problem, solution=code["response"], entry_point=entry_point)
            if checked["result"]:
                return checked["solution"], self.llm.get_usage_summary()["total_cost"]
        return code["response"], self.llm.get_usage_summary()["total_cost"]
