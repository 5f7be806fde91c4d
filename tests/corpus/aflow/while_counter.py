class Workflow:
    async def __call__(self, problem, entry_point):
        tries = 0
        passed = False
        solution = ""
        while not passed and tries < 3:
            tries += 1
            code = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")
            checked = await self.test(problem=problem, solution=code["response"], entry_point=entry_point)
            passed = checked["result"]
            solution = checked["solution"]
        return solution, self.llm.get_usage_summary()["total_cost"]
