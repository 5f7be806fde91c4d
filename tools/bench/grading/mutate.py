"""Makes mutants of solutions: one small change of the syntax tree each.

Standard input: a JSON object {id, solution, entryPoint} a line. Arguments: how
many mutants, and the seed. Each change is drawn at random from all that the
problem drawn before it allows; a mutant is made once.
"""
import ast
import copy
import json
import random
import sys

OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.And: ast.Or, ast.Or: ast.And, ast.UAdd: ast.USub, ast.USub: ast.UAdd,
}


def changes(node):
    """What can become of a node: names and functions that change it in place."""
    if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp, ast.UnaryOp)) and type(node.op) in OPERATORS:
        yield "operator", lambda n: setattr(n, "op", OPERATORS[type(n.op)]())
    if isinstance(node, ast.Compare):
        yield "comparison", lambda n: n.ops.__setitem__(0, OPERATORS[type(n.ops[0])]())
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield "boolean", lambda n: setattr(n, "value", not n.value)
        elif isinstance(node.value, (int, float)):
            yield "number + 1", lambda n: setattr(n, "value", n.value + 1)
            yield "number - 1", lambda n: setattr(n, "value", n.value - 1)
        elif isinstance(node.value, str):
            yield "text", lambda n: setattr(n, "value", n.value + "x" if n.value == "" else "")
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield "condition", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
    if isinstance(node, ast.Return) and node.value is not None:
        yield "return None", lambda n: setattr(n, "value", ast.Constant(None))
        yield "return a list of it", lambda n: setattr(n, "value", ast.List([n.value], ast.Load()))
        yield "return a generator", lambda n: setattr(n, "value", ast.Call(ast.Name("iter", ast.Load()), [n.value], []))
    if isinstance(getattr(node, "body", None), list) and len(node.body) > 1 and not isinstance(node, ast.Module):
        for position, statement in enumerate(node.body):
            if not isinstance(statement, (ast.FunctionDef, ast.Import, ast.ImportFrom)):
                yield "statement dropped", lambda n, at=position: n.body.pop(at)
    if isinstance(node, ast.Call) and len(node.args) > 1:
        yield "arguments swapped", lambda n: n.args.__setitem__(slice(0, 2), n.args[1::-1])


def mutants(solution):
    tree = ast.parse(solution)
    for index, node in enumerate(ast.walk(tree)):
        for position, (name, _) in enumerate(changes(node)):
            yield index, position, name


def apply(solution, index, position):
    tree = copy.deepcopy(ast.parse(solution))
    node = list(ast.walk(tree))[index]
    list(changes(node))[position][1](node)
    return ast.unparse(ast.fix_missing_locations(tree))


def main():
    count, generator = int(sys.argv[1]), random.Random(int(sys.argv[2]))
    problems = [json.loads(line) for line in sys.stdin if line.strip()]
    choices = {problem["id"]: list(mutants(problem["solution"])) for problem in problems}
    made = 0
    while made < count and any(choices.values()):
        problem = generator.choice(problems)
        left = choices[problem["id"]]
        if not left:
            continue
        index, position, name = left.pop(generator.randrange(len(left)))
        source = apply(problem["solution"], index, position)
        if source == ast.unparse(ast.parse(problem["solution"])):
            continue
        made += 1
        print(json.dumps({"id": problem["id"], "mutation": name, "source": source}))


main()
