class Workflow:
    async def __call__(self, problem, entry_point):
        values = []
        for _ in range(3):
            r = await self.programmer(problem=problem)
            try:
                values.append(float(r["output"]))
            except ValueError:
                continue
        if values:
            return str(Counter(values).most_common(1)[0][0]), self.llm.get_usage_summary()["total_cost"]
        r = await self.custom(input=problem, instruction="Give a number.")
        return r["response"], self.llm.get_usage_summary()["total_cost"]
