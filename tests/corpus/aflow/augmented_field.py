class Workflow:
    async def __call__(self, problem, entry_point):
        ask = await self.custom(input=problem, instruction="Ask yourself.")
        if len(ask["response"]) < 50:
            more = await self.custom(input=problem, instruction="Clarify.")
            ask["response"] += " " + more["response"]
        final = await self.answer_generate(input=ask["response"])
        return final["answer"], self.llm.get_usage_summary()["total_cost"]
