import openai
class Workflow:
    def __init__(self):
        self.client = openai.OpenAI()
    async def __call__(self, problem):
        resp = self.client.chat.completions.create(model="gpt-4", messages=[{"role": "user", "content": problem}])
        return resp.choices[0].message.content
