class Workflow:
    THRESHOLD = 0.5
    MAX_TRIES = 2
    async def __call__(self, problem):
        tries = 0
        while True:
            tries += 1
            r = await self.custom(input=problem)
            c = await self.review(problem=problem, solution=r["response"])
            if c["review_result"] or tries >= self.MAX_TRIES:
                break
        return r["response"], self.llm.get_usage_summary()["total_cost"]
