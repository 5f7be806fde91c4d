class Workflow:
    async def __call__(self, problem, entry_point):
        try:
            r = await self.custom(input=problem, instruction="Number only.")
            if not r["response"].strip().isdigit():
                raise ValueError("no number")
            answer = r["response"]
        except ValueError as e:
            r = await self.custom(input=f"{problem} ({e})", instruction="Try again.")
            answer = r["response"]
        return answer, self.llm.get_usage_summary()["total_cost"]
