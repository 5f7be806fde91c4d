"""Runs workflow programs as Python against stub operators.

Reads one JSON object a line, {source, problem, entryPoint, prompts, operators},
and writes {calls, status, value} for each. stub-operators.ts gives the same
results for the same operator and arguments.
"""

import ast
import asyncio
import builtins
import collections
import hashlib
import itertools
import json
import math
import re
import signal
import statistics
import string
import sys
import types

MODULES = {m.__name__: m for m in (asyncio, collections, itertools, json, math, re, statistics, string)}
MODULES["typing"] = __import__("typing")
MAX_CALLS = 200
TEXTS = ["42", "good {}", "first {}\nsecond line", "Yes, {}", "", "3.5", "def f(x):\n    return '{}'", "A"]


class Limit(BaseException):
    pass


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def text_of(key, field):
    mark = digest(key + field)
    return TEXTS[int(mark[:8], 16) % len(TEXTS)].replace("{}", mark[8:16])


def stub_result(operator, fields, args):
    key = operator + "\0" + "".join(f"{name}\0{args[name]}\0" for name in sorted(args))
    mark = int(digest(key)[:8], 16)
    if mark % 17 == 0:
        raise RuntimeError(f"{operator} failed: {mark % 1000}")
    result = {}
    for field in fields:
        if field in ("result", "review_result"):
            result[field] = int(digest(key + field)[:8], 16) % 2 == 0
        elif field == "responses":
            count = int(args["n"]) if args.get("n", "").isdecimal() else 3
            result[field] = [text_of(key, str(i)) for i in range(count)]
        else:
            result[field] = text_of(key, field)
    return result


class Operator:
    def __init__(self, signature, calls, given):
        self.signature, self.calls, self.given = signature, calls, given

    async def __call__(self, *args, **kwargs):
        values = {**dict(zip(self.signature["parameters"], args)), **kwargs}
        shown = {name: str(value) for name, value in values.items()}
        self.calls.append([self.signature["name"], shown, self.given])
        if len(self.calls) > MAX_CALLS:
            raise Limit
        return stub_result(self.signature["name"], self.signature["fields"], shown)


class Model:
    def __init__(self, calls):
        self.calls = calls
        self.cost_manager = self

    def get_usage_summary(self):
        return {
            "total_cost": 0.5,
            "total_input_tokens": 10,
            "total_output_tokens": 20,
            "total_tokens": 30,
            "call_count": len(self.calls),
        }

    total_cost = 0.5

    def get_total_cost(self):
        return 0.5


class Anything:
    """Takes any call; what it stands for does nothing here."""

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        return self


class KnownImports(ast.NodeTransformer):
    """Leaves out imports of what is no standard module."""

    def visit_Import(self, node):
        node.names = [a for a in node.names if a.name in MODULES]
        return node if node.names else ast.Pass()

    def visit_ImportFrom(self, node):
        return node if node.module in MODULES else ast.Pass()

    def visit_ClassDef(self, node):
        # Whatever class of a framework it is made from.
        node.bases = [ast.Name("SolveGraph", ast.Load())] if node.bases else []
        return self.generic_visit(node)


def workflow_class(case, calls):
    def bound(signature):
        def make(llm=None, *args, **kwargs):
            given = {**dict(zip(signature["constructorParameters"], args)), **kwargs}
            return Operator(signature, calls, {name: str(value) for name, value in given.items()})

        return make

    class SolveGraph:
        def __init__(self, name="", llm_config=None, dataset="", **others):
            self.name, self.llm, self.dataset = name, Model(calls), dataset

    namespace = {
        **MODULES,
        "Counter": collections.Counter,
        "defaultdict": collections.defaultdict,
        "SolveGraph": SolveGraph,
        "operator": types.SimpleNamespace(**{s["className"]: bound(s) for s in case["operators"]}),
        "prompt_custom": types.SimpleNamespace(**case["prompts"]),
        "create_llm_instance": lambda *args: Model(calls),
        "CostManager": lambda: Model(calls),
        "logger": Anything(),
        "Literal": collections.defaultdict(str),
        "print": lambda *args, **kwargs: None,
        "__builtins__": builtins,
        "__name__": "workflow",
    }
    tree = ast.fix_missing_locations(KnownImports().visit(ast.parse(case["source"])))
    # Annotations are not evaluated: they name what templates import.
    annotations = __import__("__future__").annotations.compiler_flag
    exec(compile(tree, "workflow", "exec", flags=annotations, dont_inherit=True), namespace)
    found = namespace[case["className"]]

    def missing(self, name):
        if name == "llm":
            return Model(calls)
        for signature in case["operators"]:
            if signature["name"] == case["attributes"].get(name):
                return Operator(signature, calls, {})
        raise AttributeError(name)

    found.__getattr__ = missing
    if found.__init__ is object.__init__:
        found.__init__ = SolveGraph.__init__
    return found


def answer_text(value):
    first = value[0] if isinstance(value, tuple) else value
    if isinstance(first, dict):
        first = next((first[n] for n in ("response", "solution", "answer", "output") if n in first), first)
    if first is None:
        raise TypeError("the workflow returned None instead of an answer")
    return str(first)


def judge(case):
    calls = []

    def out_of_time(*_):
        raise Limit

    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(5)
    try:
        workflow = workflow_class(case, calls)(case["className"], {}, "")
        given = [case["problem"], case["entryPoint"]][: case["parameters"]]
        value = answer_text(asyncio.run(workflow(*given)))
        return {"calls": calls, "status": "succeeded", "value": value}
    except Limit:
        return {"calls": calls[:MAX_CALLS], "status": "limit", "value": ""}
    except Exception as error:
        return {"calls": calls, "status": "failed", "value": type(error).__name__}
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(judge(json.loads(line))) + "\n")
