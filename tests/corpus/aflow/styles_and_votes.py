from typing import Literal, Dict, List, Optional, Any, Tuple
import metagpt.provider.llm_provider_registry
import asyncio
from collections import Counter

class Workflow:
    def __init__(self, name: str, llm_config, dataset) -> None:
        self.name = name
        self.dataset = dataset
        self.llm = create_llm_instance(llm_config)
        self.custom = operator.Custom(self.llm)
        self.sc_ensemble = operator.ScEnsemble(self.llm)
        self.max_retries = 3

    async def _ask(self, problem: str, style: str = "direct") -> str:
        """Ask once."""
        result = await self.custom(input=problem, instruction=f"Answer in a {style} style.")
        return result.get("response", "").strip()

    @staticmethod
    def _extract_number(text: str) -> Optional[float]:
        numbers = re.findall(r"-?\d+(?:\.\d+)?", text.replace(",", ""))
        return float(numbers[-1]) if numbers else None

    async def __call__(self, problem: str) -> Tuple[str, float]:
        styles = ["direct", "step-by-step", "sceptical"]
        tasks = [self._ask(problem, s) for s in styles]
        answers = await asyncio.gather(*tasks)
        numbers = [self._extract_number(a) for a in answers]
        valid = [n for n in numbers if n is not None]
        counts = Counter(valid)
        if counts:
            best, votes = counts.most_common(1)[0]
            if votes >= 2:
                return str(best), self.llm.get_usage_summary()["total_cost"]
        final = await self.sc_ensemble(solutions=answers, problem=problem)
        return final["response"], self.llm.get_usage_summary()["total_cost"]
