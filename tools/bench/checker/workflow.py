from typing import Literal
import workspace.HumanEval.workflows.template.operator as operator
import workspace.HumanEval.workflows.round_4.prompt as prompt_custom
from metagpt.provider.llm_provider_registry import create_llm_instance
from metagpt.utils.cost_manager import CostManager

class Workflow:
    def __init__(self, name: str, llm_config, dataset) -> None:
        self.name = name
        self.dataset = dataset
        self.llm = create_llm_instance(llm_config)
        self.llm.cost_manager = CostManager()
        self.custom_code_generate = operator.CustomCodeGenerate(self.llm)
        self.sc_ensemble = operator.ScEnsemble(self.llm)
        self.test = operator.Test(self.llm)
        self.custom = operator.Custom(self.llm)

    async def __call__(self, problem: str, entry_point: str):
        """Generate, test, ensemble and repair."""
        solutions = []
        for i in range(5):
            solution = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction=f"Attempt {i + 1}: write the function.")
            solutions.append(solution['response'])
        passed = []
        for code in solutions:
            result = await self.test(problem=problem, solution=code, entry_point=entry_point)
            if result['result']:
                passed.append(result['solution'])
        if len(passed) == 1:
            return passed[0], self.llm.get_usage_summary()["total_cost"]
        pool = passed if passed else solutions
        best = await self.sc_ensemble(solutions=pool, problem=problem)
        answer = best['response']
        for attempt in range(3):
            result = await self.test(problem=problem, solution=answer, entry_point=entry_point)
            if result['result']:
                return result['solution'], self.llm.get_usage_summary()["total_cost"]
            repaired = await self.custom(input=f"Problem: {problem}\nCode:\n{answer}\nIt fails.", instruction="Return only the mended code.")
            answer = repaired['response']
        return answer, self.llm.get_usage_summary()["total_cost"]
