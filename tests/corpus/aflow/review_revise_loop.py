class Workflow:
    async def __call__(self, problem):
        solution = await self.custom(input=problem, instruction="Solve")
        for i in range(3):
            review = await self.review(problem=problem, solution=solution["response"])
            if review["review_result"] is True:
                break
            revised = await self.revise(problem=problem, solution=solution["response"], feedback=review["feedback"])
            solution = {"response": revised["solution"]}
        else:
            print("never ok")
        return solution["response"], self.llm.get_usage_summary()["total_cost"]
