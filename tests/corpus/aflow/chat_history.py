class Workflow:
    async def __call__(self, problem):
        history = [{"role": "user", "content": problem}]
        for _ in range(2):
            r = await self.custom(input="\n".join([f"{h['role']}: {h['content']}" for h in history]), instruction="")
            history.append({"role": "assistant", "content": r["response"]})
        last = history[-1]["content"]
        match = re.search(r"\\boxed\{(.+?)\}", last, re.DOTALL)
        answer = match.group(1).strip() if match is not None else last.split("\n")[-1]
        return answer, self.llm.get_usage_summary()["total_cost"]
