class Workflow:
    async def __call__(self, problem, entry_point):
        sollution = await self.custom_code_genrate(problem=problem, entry_point=entry_point, instruction="")
        if solution["response"].startwith("def"):
            return solution["response"]
        retrun sollution["response"]
