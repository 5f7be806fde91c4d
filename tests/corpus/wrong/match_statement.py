class Workflow:
    async def __call__(self, problem):
        words = problem.split()
        n_words = len(words)
        difficulty = "hard" if n_words > 50 else "easy"
        match difficulty:
            case "hard":
                r = await self.programmer(problem=problem)
                return r["output"], 0
            case _:
                r = await self.custom(input=problem)
        return r["response"], 0
