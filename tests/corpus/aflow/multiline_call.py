class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.custom(
            input=(
                "Problem: " + problem  # the task
                + "\nEntry: " + str(entry_point)
            ),
            instruction="""Write it.
            Keep it short.""",
        )
        return (
            r["response"],
            self.llm.get_usage_summary()["total_cost"],
        )
