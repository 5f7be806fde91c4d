class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(input=problem, instruction="Answer as JSON with a key answer.")
        try:
            data = json.loads(r["response"])
            answer = data["answer"]
        except (json.JSONDecodeError, KeyError):
            answer = r["response"]
        return answer, self.llm.get_usage_summary()["total_cost"]
