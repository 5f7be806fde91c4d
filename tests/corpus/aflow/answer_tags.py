<think>
The task is arithmetic; one call with a check should do.
</think>
<modification>Add a programmer.</modification>
<graph>
```python
class Workflow:
    def __init__(self, name, llm_config, dataset):
        self.llm = create_llm_instance(llm_config)
        self.programmer = operator.Programmer(self.llm)
        self.custom = operator.Custom(self.llm)

    async def __call__(self, problem):
        run = await self.programmer(problem=problem, analysis="Compute it.")
        final = await self.custom(input=run["output"], instruction=prompt_custom.FINAL)
        return final["response"], self.llm.get_usage_summary()["total_cost"]
```
</graph>
<prompt>
FINAL = """
State the number alone.
"""
</prompt>
