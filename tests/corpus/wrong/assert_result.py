class Workflow:
    async def __call__(self, problem):
        best_score = float("-inf")
        best = None
        for t in (0.2, 0.7, 1.0):
            r = await self.custom(input=problem, instruction="Solve.")
            rating = await self.custom(input=r["response"], instruction="Rate 1-10. Reply with a number.")
            try:
                m = re.search(r"(\d+(\.\d+)?)", rating["response"])
                score = float(m.group(1)) if m else 0.0
            except (ValueError, AttributeError) as exc:
                logger.warning("bad rating %s", exc)
                score = 0.0
            finally:
                pass
            if score > best_score:
                best_score, best = score, r["response"]
        assert best is not None
        return best, self.llm.get_usage_summary()["total_cost"]
