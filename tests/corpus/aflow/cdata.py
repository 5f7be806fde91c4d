<graph><![CDATA[
class Workflow:
    async def __call__(self, problem):
        a = await self.answer_generate(input=problem)
        return a["answer"] if a["answer"] else a["thought"], 0
]]></graph>
