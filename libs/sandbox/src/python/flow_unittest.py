"""Reads and runs unittest classes: each test method is a case.

The cases are read from the source, before any code runs: nothing that a
candidate does can add or remove one.
"""
import ast

from flow_asserts import MAX_CASES, SuiteError, parse
from flow_outcomes import Fault

TEST_CLASSES = ("TestCase", "IsolatedAsyncioTestCase")
SKIPPED = ("skip",)


def read_classes(source):
    """The tree of the test code and its cases: (class, method), in the order of unittest's loader."""
    tree = parse(source, "test_code")
    methods = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            inherited = inherited_methods(node, methods)
            if inherited is not None:
                methods[node.name] = {} if is_skipped(node) else {**inherited, **own_methods(node)}
    cases = [(name, method) for name, tests in methods.items() for method in sorted(tests) if tests[method]]
    if len(cases) > MAX_CASES:
        raise SuiteError(f"the suite has more than {MAX_CASES} test methods")
    if not cases:
        raise SuiteError("the suite declares no case: no class derived from unittest.TestCase has a test method")
    return tree, cases


def inherited_methods(node, known):
    """Test methods that a class inherits; None where it is no test class."""
    inherited = None
    for base in reversed(node.bases):
        name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        if name in known:
            inherited = {**(inherited or {}), **known[name]}
        elif name in TEST_CLASSES:
            inherited = inherited or {}
    return inherited


def own_methods(node):
    """Whether each test method is to be run: a skipped one hides the inherited one too."""
    found = {}
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) and item.name.startswith("test"):
            found[item.name] = not is_skipped(item)
    return found


def is_skipped(node):
    """Whether it has the decorator @skip, which no candidate can undo."""
    for decorator in node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")) in SKIPPED:
            return True
    return False


def run_classes(namespace, cases, recorder):
    """Runs the cases that have no outcome yet."""
    groups = {}
    for index, (name, method) in enumerate(cases):
        if recorder.statuses[index] is None:
            groups.setdefault(name, []).append((index, method))
    module_error = attempt(namespace.get("setUpModule"))
    for name, tests in groups.items():
        test_class = namespace.get(name)
        error = module_error or attempt(getattr(test_class, "setUpClass", None))
        for index, method in tests:
            if recorder.begin(index):
                run_case(test_class, method, index, recorder) if error is None else recorder.raised(index, error)
        late = attempt(getattr(test_class, "tearDownClass", None)) or attempt(getattr(test_class, "doClassCleanups", None))
        if late is not None:
            recorder.raised(tests[-1][0], late)
    attempt(namespace.get("tearDownModule"))


def attempt(function):
    """What a fixture raised; None where there is none, or it went well."""
    if function is None:
        return None
    try:
        function()
    except BaseException as error:
        return error
    return None


def run_case(test_class, method, index, recorder):
    recorder.kept = index  # calls after a failed subTest still belong to this case
    try:
        test_class(method).run(case_result(recorder, index))
    except BaseException as error:
        recorder.raised(index, error)
    recorder.kept = recorder.current = None


def case_result(recorder, index):
    """A unittest.TestResult that tells the recorder what became of one case."""
    from unittest import TestResult

    class CaseResult(TestResult):
        def stopTest(self, test):
            if self.wasSuccessful() and not self.skipped:
                recorder.tell(index, "passed")

        def addError(self, test, problem):
            self.errors.append(None)
            recorder.raised(index, problem[1])

        def addFailure(self, test, problem):
            self.failures.append(None)
            error = problem[1]
            own = not getattr(error, "flow_from_candidate", False)
            recorder.failed(index, error) if own else recorder.raised(index, error)

        def addSubTest(self, test, subtest, problem):
            if problem is None:
                return
            failed = issubclass(problem[0], test.failureException)
            self.addFailure(subtest, problem) if failed else self.addError(subtest, problem)

        def addSkip(self, test, reason):
            self.skipped.append(None)
            recorder.tell(index, "skipped", message=f"the test was skipped: {reason}")

        def addExpectedFailure(self, test, problem):
            # A fault of the grading is not the failure that the test expects.
            if isinstance(problem[1], Fault):
                self.addError(test, problem)

        def addUnexpectedSuccess(self, test):
            self.unexpectedSuccesses.append(None)
            recorder.tell(index, "failed", message="the test was expected to fail")

    return CaseResult()


def refuse_identity(recorder):
    """Lets assertIs and assertIsNot judge only what can be seen from the grader's jail."""
    from unittest import TestCase

    def assert_is(self, first, second, msg=None):
        if not recorder.identity("is", first, second):
            self.fail(self._formatMessage(msg, f"{first!r} is not {second!r}"))

    def assert_is_not(self, first, second, msg=None):
        if not recorder.identity("is not", first, second):
            self.fail(self._formatMessage(msg, f"unexpectedly identical: {first!r}"))

    TestCase.assertIs, TestCase.assertIsNot = assert_is, assert_is_not
