class Workflow:
    async def __call__(self, problem):
        answers = []
        for i in range(3):
            a = await self.answer_generate(input=problem)
            answers.append(a)
        normalised = [a['answer'].lower().strip().rstrip('.') for a in answers]
        groups = {}
        for n, a in zip(normalised, answers):
            groups.setdefault(n, []).append(a)
        key = sorted(groups, key=lambda n: len(groups[n]), reverse=True)[0]
        chosen = groups[key][0]
        f = await self.format(problem=problem, solution=chosen['answer'])
        return f['solution'], self.llm.get_usage_summary()["total_cost"]
