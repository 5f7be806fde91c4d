from typing import Literal
import workspace.HumanEval.workflows.template.operator as operator
import workspace.HumanEval.workflows.round_7.prompt as prompt_custom
from scripts.async_llm import create_llm_instance
from scripts.evaluator import DatasetType

class Workflow:
    def __init__(self, name: str, llm_config, dataset: DatasetType) -> None:
        self.name = name
        self.dataset = dataset
        self.llm = create_llm_instance(llm_config)
        self.custom = operator.Custom(self.llm)
        self.custom_code_generate = operator.CustomCodeGenerate(self.llm)
        self.sc_ensemble = operator.ScEnsemble(self.llm)
        self.test = operator.Test(self.llm)

    async def __call__(self, problem: str, entry_point: str):
        """
        Implementation of the workflow
        """
        solutions = []
        for _ in range(3):
            solution = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="Write the function.")
            solutions.append(solution['response'])

        best = await self.sc_ensemble(solutions=solutions, problem=problem)
        result = await self.test(problem=problem, solution=best['response'], entry_point=entry_point)
        if result['result']:
            return result['solution'], self.llm.get_usage_summary()["total_cost"]
        fixed = await self.custom(input=f"Problem: {problem}\nFailed: {result['solution']}", instruction="Mend the code.")
        return fixed['response'], self.llm.get_usage_summary()["total_cost"]
