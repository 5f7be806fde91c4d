class Workflow:
    async def __call__(self, problem, entry_point):
        answer = (await self.answer_generate(input=problem))["answer"]
        for _ in range(3):
            review = await self.review(problem=problem, solution=answer)
            if review["review_result"]:
                break
            revised = await self.revise(problem=problem, solution=answer, feedback=review["feedback"])
            answer = revised["solution"]
        return answer, self.llm.get_usage_summary()["total_cost"]
