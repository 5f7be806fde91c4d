"""Suites of Python test code, read and ready to run against a namespace.

The same in both ways of grading: what the names of the candidate stand for, its
functions or proxies, is in the namespace that a suite is run with.
"""
import ast
import sys

from flow_asserts import RECORDER, IdentityRewriter, SuiteError, read_assert, read_test_code
from flow_outcomes import Fault, said

VARARGS = 4  # inspect.CO_VARARGS


class FunctionSuite:
    """Asserts at the module's level, in `check`, and one by one."""

    def __init__(self, setup, isolated):
        self.sources = []
        tree, self.checks, self.whole_check = read_test_code(setup["test_code"], self.sources)
        asserts = [read_assert(text, position, self.sources) for position, text in enumerate(setup["asserts"])]
        if not self.sources:
            raise SuiteError("the suite declares no case")
        self.trees = [tree, *asserts]
        self.code, *self.compiled = [compile_tree(one, isolated) for one in self.trees]

    def run(self, namespace, recorder):
        namespace[RECORDER] = recorder
        if load_tests(self.code, namespace, recorder):
            if self.checks:
                self.run_check(namespace["check"], namespace["candidate"], recorder)
            for code in self.compiled:
                exec(code, namespace)

    def run_check(self, check, candidate, recorder):
        whole = self.whole_check
        if whole is not None:
            recorder.begin(whole)
        code = getattr(check, "__code__", None)
        takes_none = code is not None and code.co_argcount == 0 and not code.co_flags & VARARGS
        try:
            check() if takes_none else check(candidate)
        except BaseException as error:
            if whole is None:
                recorder.interrupted(error)
            elif isinstance(error, AssertionError) and not getattr(error, "flow_from_candidate", False):
                recorder.failed(whole, error)
            else:
                recorder.raised(whole, error)
        else:
            if whole is not None:
                recorder.tell(whole, "passed")


class UnittestSuite:
    """The test methods of unittest classes."""

    def __init__(self, setup, isolated):
        from flow_unittest import read_classes

        tree, self.cases = read_classes(setup["test_code"])
        self.sources = [".".join(case) for case in self.cases]
        self.trees = [tree]
        self.code = compile_tree(tree, isolated)
        self.isolated = isolated

    def run(self, namespace, recorder):
        from flow_unittest import refuse_identity, run_classes

        if self.isolated:
            refuse_identity(recorder)
        namespace[RECORDER] = recorder
        if load_tests(self.code, namespace, recorder):
            run_classes(namespace, self.cases, recorder)


def load_tests(code, namespace, recorder):
    """Runs the module's level; whether cases can be run after it."""
    try:
        exec(code, namespace)
    except BaseException as error:
        if recorder.answered == 0 and not isinstance(error, Fault):
            raise SuiteError(f"test_code raised {type(error).__name__}: {said(error)}") from None
        recorder.interrupted(error)
        return False
    return True


def new_module(name, *aliases):
    """A module that test code can be run in, and patch."""
    module = type(sys)(name)
    sys.modules.update({one: module for one in (name, *aliases)})
    return module


def read_suite(setup, isolated):
    """The suite, its cases known before any of its code has run."""
    return (UnittestSuite if setup["kind"] == "unittest" else FunctionSuite)(setup, isolated)


def typing_name(name):
    """What `typing` calls by that name: tests often use List and the like without importing them."""
    if not name[0].isupper():
        return None
    import typing

    return getattr(typing, name) if name in typing.__all__ else None


def compile_tree(tree, isolated):
    try:
        return compile(ast.fix_missing_locations(IdentityRewriter().visit(tree)) if isolated else tree, "suite.py", "exec")
    except (SyntaxError, ValueError, RecursionError) as error:
        raise SuiteError(f"the suite does not compile: {error}") from None
