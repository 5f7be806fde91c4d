<graph>
class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem, instruction=prompt_custom.SLOVE)
        return r["response"]
</graph>
<prompt>SOLVE = "Solve."</prompt>
