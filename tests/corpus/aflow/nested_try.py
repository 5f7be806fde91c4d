class Workflow:
    async def __call__(self, problem, entry_point):
        try:
            r = await self.programmer(problem=problem)
            answer = r["output"]
        except Exception as e:
            r = await self.custom(input=f"{problem}\nError: {e}", instruction="Solve by hand.")
            answer = r["response"]
        finally:
            done = True
        return answer, self.llm.get_usage_summary()["total_cost"]
