class Workflow:
    async def __call__(self, problem):
        r = await asyncio.wait_for(self.custom(input=problem), timeout=30)
        s = None
        if r is None or "response" not in r:
            raise RuntimeError("no answer")
        s = r["response"] if isinstance(r, dict) else str(r)
        n = int(s) if s.isdigit() else -1
        if 0 <= n < 10 and n not in (3, 4):
            s = f"{n:02d} {n!r:>5} {'yes' if n else 'no'} {{}}"
        return s
