"""HumanEval as a task of Inspect (https://inspect.aisi.org.uk): every problem is one user turn, and an
answer is right when the official tests pass in a jail. Started by humaneval.mjs."""

import asyncio
import json
import os

from inspect_ai import Task, task
from inspect_ai.dataset import Sample, json_dataset
from inspect_ai.scorer import CORRECT, INCORRECT, Score, accuracy, scorer, stderr
from inspect_ai.solver import generate

JUDGE = json.loads(os.environ["HUMANEVAL_JUDGE"])


def sample(row):
    metadata = {"entry_point": row["entry_point"], "test": row["test"]}
    return Sample(id=row["task_id"], input=row["prompt"], target="", metadata=metadata)


@scorer(metrics=[accuracy(), stderr()])
def official_tests():
    async def score(state, target):
        code = state.output.completion
        job = {
            "id": str(state.sample_id),
            "code": code,
            "entry_point": state.metadata["entry_point"],
            "visible": [],
            "hidden": state.metadata["test"],
        }
        judge = await asyncio.create_subprocess_exec(
            *JUDGE, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        verdict, _ = await judge.communicate((json.dumps(job) + "\n").encode())
        passed = json.loads(verdict)["hidden"]
        return Score(value=CORRECT if passed else INCORRECT, answer=code)

    return score


@task
def humaneval(data, first, count):
    rows = json_dataset(data, sample)
    return Task(dataset=rows[first : first + count], solver=generate(), scorer=official_tests())
