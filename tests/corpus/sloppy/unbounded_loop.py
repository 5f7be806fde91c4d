class Workflow:
    async def __call__(self, problem, entry_point):
        done = False
        r = {"response": ""}
        while not done:
            r = await self.custom(input=problem)
            done = "yes" in r["response"]
        return r["response"], self.llm.get_usage_summary()["total_cost"]
