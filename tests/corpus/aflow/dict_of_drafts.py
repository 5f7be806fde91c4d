class Workflow:
    async def __call__(self, problem, entry_point):
        drafts = {style: (await self.custom(input=problem, instruction=style))["response"] for style in ["short", "long"]}
        text = "\n".join(f"{k}: {v}" for k, v in drafts.items())
        r = await self.custom(input=text, instruction="Merge the drafts.")
        return r["response"], self.llm.get_usage_summary()["total_cost"]
