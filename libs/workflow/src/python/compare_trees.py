"""The syntax trees of workflows and of their normal forms, in a form in which they must be one.

`judge` takes {source, normal, operators, rules} and gives both trees as text.
Each rule takes away one thing in which the normal form differs on purpose.
"""

import ast
import sys

USAGE = {
    "total_cost": "total_cost",
    "get_total_cost": "total_cost",
    "total_prompt_tokens": "total_input_tokens",
    "get_total_prompt_tokens": "total_input_tokens",
    "total_completion_tokens": "total_output_tokens",
    "get_total_completion_tokens": "total_output_tokens",
}


def imported(tree):
    """Full names of what imports bind to other names."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update({a.asname: a.name for a in node.names if a.asname})
        elif isinstance(node, ast.ImportFrom):
            for a in node.names:
                own = f"{node.module}.{a.name}"
                names[a.asname or a.name] = "Counter" if own == "collections.Counter" else own
    return names


def is_self(node, *path):
    for name in reversed(path):
        if not (isinstance(node, ast.Attribute) and node.attr == name):
            return False
        node = node.value
    return isinstance(node, ast.Name) and node.id == "self"


def dotted(name):
    first, *rest = name.split(".")
    node = ast.Name(first, ast.Load())
    for part in rest:
        node = ast.Attribute(node, part, ast.Load())
    return node


class Canonical(ast.NodeTransformer):
    def __init__(self, tree, case):
        self.rules = set(case["rules"])
        self.operators = case["operators"]
        self.fields = {field for one in self.operators.values() for field in one["fields"]}
        self.names = imported(tree) if "import aliases" in self.rules else {}

    def has(self, rule):
        return rule in self.rules

    def visit_ClassDef(self, node):
        if self.has("bare class"):
            node.name, node.bases = "", []
            methods = (ast.FunctionDef, ast.AsyncFunctionDef)
            node.body = [n for n in node.body if isinstance(n, methods) and n.name != "__init__"]
        node.body = [self.method(n) for n in node.body]
        if self.has("entry last"):
            node.body.sort(key=lambda n: getattr(n, "name", "") == "__call__")
        return node

    def method(self, node):
        names = [d.id for d in getattr(node, "decorator_list", []) if isinstance(d, ast.Name)]
        if names == ["staticmethod"] and self.has("static methods"):
            node.decorator_list = []
            node.args.args.insert(0, ast.arg("self"))
        return self.visit(node)

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        if self.has("annotations"):
            node.returns = None
        if self.has("statements without effect"):
            node.body = self.block(node.body)
        if isinstance(node, ast.AsyncFunctionDef) and self.has("FW705 async"):
            return ast.FunctionDef(node.name, node.args, node.body, node.decorator_list, node.returns)
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def block(self, body):
        ignored = (ast.Import, ast.ImportFrom, ast.Pass)
        kept = [n for n in body if not isinstance(n, ignored) and not self.is_text(n)]
        return kept or [ast.Pass()]

    @staticmethod
    def is_text(node):
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)

    def visit_arg(self, node):
        if self.has("annotations"):
            node.annotation = None
        return node

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        if not self.has("annotations"):
            return node
        return ast.Assign(targets=[node.target], value=node.value)

    def visit_Constant(self, node):
        # Whether it was written with a "u".
        node.kind = None
        return node

    def visit_Name(self, node):
        known = self.names.get(node.id)
        return node if known is None or not isinstance(node.ctx, ast.Load) else dotted(known)

    def visit_Await(self, node):
        self.generic_visit(node)
        return node.value if self.has("FW701 await") else node

    def visit_Attribute(self, node):
        field = USAGE.get(node.attr, node.attr)
        if self.has("usage") and is_self(node.value, "llm", "cost_manager"):
            return self.usage(field)
        self.generic_visit(node)
        if self.has("FW704 attribute") and node.attr in self.fields:
            return self.taken(node.value, node.attr)
        return node

    @staticmethod
    def usage(field):
        summary = ast.Call(dotted("self.llm.get_usage_summary"), [], [])
        return ast.Subscript(summary, ast.Constant(field), ast.Load())

    @staticmethod
    def taken(value, field):
        return ast.Subscript(value, ast.Constant(field), ast.Load())

    def visit_Subscript(self, node):
        self.generic_visit(node)
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        return node.value if self.has("FW702 field") and key in self.fields else node

    def visit_ListComp(self, node):
        self.generic_visit(node)
        [first, *others] = node.generators
        is_copy = isinstance(node.elt, ast.Name) and ast.dump(first.target) == ast.dump(ast.Name(node.elt.id, ast.Store()))
        return first.iter if self.has("FW702 field") and is_copy and not others and not first.ifs else node

    def visit_Call(self, node):
        if self.has("usage") and isinstance(node.func, ast.Attribute) and is_self(node.func.value, "llm", "cost_manager"):
            return self.usage(USAGE.get(node.func.attr, node.func.attr))
        is_log = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
        is_log = is_log and node.func.value.id in ("logger", "logging")
        is_print = isinstance(node.func, ast.Name) and node.func.id == "print"
        if self.has("printing") and (is_log or is_print):
            given = [*node.args, *(k.value for k in node.keywords)]
            node = ast.Call(ast.Name("print", ast.Load()), given, [])
        operator = self.operators.get(node.func.attr) if isinstance(node.func, ast.Attribute) else None
        if operator and is_self(node.func.value) and self.has("operator arguments"):
            named = [ast.keyword(n, v) for n, v in zip(operator["parameters"], node.args)]
            node = ast.Call(node.func, [], named + node.keywords)
        return self.generic_visit(node)


def canonical(text, case):
    module = ast.parse(text)
    found = next(n for n in ast.walk(module) if isinstance(n, ast.ClassDef))
    tree = found if "bare class" in case["rules"] else module
    return ast.dump(Canonical(module, case).visit(tree))


def judge(case):
    normal = canonical(case["normal"], case)
    try:
        source = canonical(case["source"], case)
    except SyntaxError:
        # Such quotes are valid from 3.12 on.
        is_new = "FW706 quotes" in case["rules"] and sys.version_info < (3, 12)
        source = normal if is_new else "a syntax error"
    return [source, normal]
