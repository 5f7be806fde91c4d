class Workflow:
    async def __call__(self, problem):
        rs = [await self.custom(input=problem, instruction=str(i)) for i in range(3)]
        texts = sorted((r["response"] for r in rs), key=str.lower)
        longest = sorted(texts, key=len)[-1]
        first, *rest = texts
        head = texts[0] if not rest else rest[-1]
        scores = list(map(str.strip, texts))
        filtered = list(filter(None, scores))
        it = iter(filtered)
        x = next(it, None)
        return x or head or longest
