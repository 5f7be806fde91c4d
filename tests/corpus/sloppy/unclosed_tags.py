<graph>
class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem, instruction=prompt_custom.P)
        return r["response"]
<prompt>
P = "Solve."
