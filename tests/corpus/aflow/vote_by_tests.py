class Workflow:
    async def __call__(self, problem: str, entry_point: str):
        candidates: List[str] = []
        scores: Dict[str, int] = {}
        for attempt in range(1, 4):
            sol = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction=prompt_custom.CODE_PROMPT)
            code = sol['response']
            res = await self.test(problem=problem, solution=code, entry_point=entry_point)
            scores[code] = scores.get(code, 0) + (1 if res['result'] else 0)
            if res['result']:
                return res['solution'], self.llm.get_usage_summary()["total_cost"]
            candidates.append(res['solution'])
        best = max(scores, key=scores.get)
        ordered = sorted(scores.items(), key=lambda kv: (-kv[1], len(kv[0])))
        return ordered[0][0] if ordered else best, self.llm.get_usage_summary()["total_cost"]
