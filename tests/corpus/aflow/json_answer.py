class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem, instruction="""Think step by step.
Give JSON: {"answer": ...}""")
        try:
            data = json.loads(r["response"])
            answer = data["answer"] if isinstance(data, dict) else str(data)
        except json.JSONDecodeError:
            answer = r["response"]
        except Exception as e:
            answer = f"{type(e).__name__}: {e}"
        else:
            answer = str(answer)
        return answer, self.llm.get_usage_summary()["total_cost"]
