<graph>
class Workflow:
    async def __call__(self, problem):
        r = await self.custom(input=problem, instruction=prompt_custom.ASK)
        return r["response"]
</graph>
<prompt>ASK = "Solve {problem} now."</prompt>
