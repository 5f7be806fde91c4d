class Workflow:
    def __init__(self, name: str, llm_config, dataset: str) -> None:
        self.llm = create_llm_instance(llm_config)
        self.custom = operator.Custom(self.llm)
        self.review = operator.Review(self.llm)
        self.revise = operator.Revise(self.llm)

    async def __call__(self, problem: str):
        draft = await self.custom(input=problem, instruction="Solve it step by step.")
        best = await self._improve(problem, draft["response"], rounds=2)
        return best, self.llm.get_usage_summary()["total_tokens"]

    async def _improve(self, problem: str, solution: str, rounds: int = 1) -> str:
        for _ in range(rounds):
            verdict = await self.review(problem=problem, solution=solution)
            if verdict["review_result"]:
                break
            better = await self.revise(problem=problem, solution=solution, feedback=verdict["feedback"])
            solution = better["solution"]
        return solution
