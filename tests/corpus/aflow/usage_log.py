class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(input=problem)
        print(f"cost {self.llm.cost_manager.total_cost:.4f}")
        logger.info("done", extra=1)
        return r["response"], self.llm.get_usage_summary()["total_cost"]
