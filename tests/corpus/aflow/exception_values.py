class Workflow:
    async def __call__(self, problem, entry_point):
        kinds = {"a", *("b", "c")}
        try:
            r = await self.programmer(problem=problem)
            answer = r["output"]
        except (TypeError, ValueError) as e:
            r = await self.custom(input=f"{problem} {type(e).__name__} {e.args}", instruction=str(len(kinds)))
            answer = r["response"]
        return answer, self.llm.get_usage_summary()["total_cost"]
