class Workflow:
    async def collect(self, out, p):
        r = await self.custom(input=p)
        out.append(r["response"])
        self.best = r["response"]

    async def __call__(self, problem):
        out = []
        for i in range(2):
            await self.collect(out, problem)
        d = {"xs": []}
        def keep(x):
            d["xs"].append(x)
        for x in out:
            keep(x)
        if len(problem) > 4:
            return self.best
        if len(problem) > 3:
            return out[0]
        return d["xs"][0], self.llm.get_usage_summary()["total_cost"]
