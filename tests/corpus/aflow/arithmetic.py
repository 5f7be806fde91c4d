class Workflow:
    async def __call__(self, problem, entry_point):
        r = await self.programmer(problem=problem)
        x = float(r["output"].split()[-1]) if r["output"].split() else 0.0
        y = -x ** 2 + (x // 3) % 7 - (x - 1) * 2 / 5
        z = int(abs(y)) << 1 | 1 & ~0 ^ 3
        return f"{y:.2f} {z:>5d} {x!r}", self.llm.get_usage_summary()["total_cost"]
