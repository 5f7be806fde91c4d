"""Reads test code: each assert becomes a case of its own."""
import ast
import builtins
import sys

MAX_CASES = 1000
MAX_SOURCE = 500
RECORDER = "__flow_recorder__"
OPERATORS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


class SuiteError(Exception):
    """A suite that can't be used, with one line that says why."""


class IdentityRewriter(ast.NodeTransformer):
    """Replaces `a is b` by a call that refuses to judge what can't be seen from here.

    What a candidate returns is a copy: whether it is the very object of an
    argument only the candidate could say. Comparisons with None and the like stay.
    """

    def visit_Compare(self, node):
        self.generic_visit(node)
        symbol = OPERATORS[type(node.ops[0])]
        if symbol not in ("is", "is not") or len(node.ops) != 1 or any(map(is_constant, (node.left, *node.comparators))):
            return node
        return ast.copy_location(record("identity", constant(symbol), node.left, node.comparators[0]), node)


def is_constant(node):
    return isinstance(node, ast.Constant)


class AssertRewriter(ast.NodeTransformer):
    """Replaces `assert E` by code that evaluates E once, in place, and records how it went:

    if recorder.begin(index):
        try:
            recorder.compare(index, "==", left, right)
        except BaseException as error:
            recorder.raised(index, error)

    so that the statements after it run whatever E does.
    """

    def __init__(self, sources):
        self.sources = sources

    def visit_Assert(self, node):
        index = len(self.sources)
        if index >= MAX_CASES:
            raise SuiteError(f"the suite has more than {MAX_CASES} asserts")
        text = ast.unparse(node)
        self.sources.append(text if len(text) <= MAX_SOURCE else text[: MAX_SOURCE - 1] + "…")
        error = f"__flow_error_{index}__"
        handler = ast.ExceptHandler(
            type=name("BaseException"),
            name=error,
            body=[ast.Expr(record("raised", constant(index), name(error)))],
        )
        attempt = ast.Try(body=[ast.Expr(self.outcome(index, node.test))], handlers=[handler], orelse=[], finalbody=[])
        replaced = ast.If(test=record("begin", constant(index)), body=[attempt], orelse=[])
        return ast.fix_missing_locations(ast.copy_location(replaced, node))

    def outcome(self, index, test):
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            operator = OPERATORS[type(test.ops[0])]
            return record("compare", constant(index), constant(operator), test.left, test.comparators[0])
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return record("truth", constant(index), test.operand, constant(False))
        return record("truth", constant(index), test, constant(True))


def record(method, *args):
    recorder = ast.Attribute(value=name(RECORDER), attr=method, ctx=ast.Load())
    return ast.Call(func=recorder, args=list(args), keywords=[])


def name(text):
    return ast.Name(id=text, ctx=ast.Load())


def constant(value):
    return ast.Constant(value=value)


def parse(source, what):
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        place = f", line {line}" if line else ""
        raise SuiteError(f"{what} is not Python: {getattr(error, 'msg', error)}{place}") from None


def is_check(node):
    return isinstance(node, ast.FunctionDef) and node.name == "check"


def read_test_code(source, sources):
    """Parses test code and rewrites the asserts of its module level and of `check`.

    Returns the tree, whether it defines check, and the index of the case that
    stands for the whole of a check without asserts (None if it has some).
    """
    tree = parse(source, "test_code")
    rewriter = AssertRewriter(sources)
    checks, whole_check = False, None
    for position, node in enumerate(tree.body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if not is_check(node):
                continue
            checks = True
            before = len(sources)
            tree.body[position] = rewriter.visit(node)
            if len(sources) == before:
                whole_check = before
                sources.append("check(candidate)")
        else:
            tree.body[position] = rewriter.visit(node)
    return tree, checks, whole_check


def read_assert(source, position, sources):
    """Parses one of `asserts` and rewrites it."""
    tree = parse(source, f"asserts[{position}]")
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Assert):
        raise SuiteError(f"asserts[{position}] is not a single assert statement")
    tree.body = [AssertRewriter(sources).visit(tree.body[0])]
    return tree


def free_names(trees):
    """Names that the trees read and that neither they nor Python define.

    Returns those used as `name.attribute` where a module of the standard
    library has that name, and all others.
    """
    read, bound, attributed = set(), set(dir(builtins)) | {RECORDER}, set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
            elif isinstance(node, ast.arg):
                bound.add(node.arg)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                bound.add(node.name)
            elif isinstance(node, ast.alias):
                bound.add((node.asname or node.name).split(".")[0])
            elif isinstance(node, ast.ExceptHandler) and node.name:
                bound.add(node.name)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                attributed.add(node.value.id)
    free = read - bound
    modules = {text for text in free & attributed if text in sys.stdlib_module_names}
    return modules, free - modules
