class Workflow:
    async def __call__(self, problem):
        results = {}
        for name in ["a", "b"]:
            results[name] = await self.custom(input=problem, instruction=name)
        merged = {k: v["response"] for k, v in results.items()}
        del results["a"]
        text = json.dumps(merged, indent=2, ensure_ascii=False)
        out = await self.custom(input=text, instruction="Pick.")
        return out["response"], self.llm.get_usage_summary()["total_cost"]
