"""Runs a suite against a candidate that lives in another jail.

Test code calls a proxy that sends the arguments away and gets plain values
back; expected values, and every comparison, stay here.
"""
import builtins
import json
import operator

from flow_asserts import RECORDER, SuiteError, free_names, read_assert, read_test_code
from flow_wire import CandidateIterator, CrossingError, Decoder, Encoder, dump, load, receive_frame, send_frame

MAX_TEXT = 500
VARARGS = 4  # inspect.CO_VARARGS
COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "is": operator.is_,
    "is not": operator.is_not,
}


class CandidateTimeout(BaseException):
    """The candidate took longer than the case's limit."""


class CandidateDied(BaseException):
    """The candidate's process ended during a call."""


def shown(value):
    try:
        text = repr(value)
    except BaseException as error:
        text = f"<{type(value).__name__} whose repr fails: {type(error).__name__}>"
    return cut(text)


def cut(text):
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def one_line(text):
    return cut(" ".join(text.split()))


class Recorder:
    """Keeps the outcome of each case and tells the service of every change."""

    def __init__(self, count):
        self.statuses = [None] * count
        self.current = None
        self.answered = 0
        self.last_answer = ""

    def begin(self, index):
        """Whether the case is still to be evaluated: one failure decides it."""
        if self.statuses[index] not in (None, "passed"):
            return False
        self.current = index
        self.answered = 0
        self.last_answer = ""
        return True

    def case_of_call(self):
        """The case that a call belongs to: outside of asserts, the next one without an outcome."""
        if self.current is not None:
            return self.current
        return self.next_open()

    def next_open(self):
        for index, status in enumerate(self.statuses):
            if status is None:
                return index
        return len(self.statuses) - 1

    def compare(self, index, symbol, left, right):
        holds = bool(COMPARE[symbol](left, right))
        expected = shown(right) if symbol == "==" else f"{symbol} {shown(right)}"
        self.settle(index, holds, expected, left)

    def truth(self, index, value, wanted):
        self.settle(index, bool(value) == wanted, "a true value" if wanted else "a false value", value)

    def settle(self, index, holds, expected, actual):
        if holds:
            self.tell(index, "passed")
            return
        text = shown(actual)
        message = f"expected {expected}, got {text}"
        if self.last_answer not in ("", text):
            message += f"; the last call returned {self.last_answer}"
        self.tell(index, "failed", expected=expected, actual=text, message=message)

    def raised(self, index, error):
        kind = type(error)
        if kind is CandidateTimeout:
            self.tell(index, "timeout", message="the candidate took too long")
        elif kind is CandidateDied:
            self.tell(index, "error", type="CandidateDied", message=str(error))
        elif isinstance(error, CrossingError):
            self.tell(index, "error", type="CrossingError", message=f"{error}, which can't cross to the grader")
        elif getattr(error, "flow_from_candidate", False):
            self.tell(index, "error", type=kind.__name__, message=f"{kind.__name__}: {error}")
        else:
            # The test itself could not go on with what it got, if it got anything.
            status = "failed" if self.answered else "error"
            message = f"the test raised {kind.__name__}: {error}"
            self.tell(index, status, actual=self.last_answer, type=kind.__name__, message=message)

    def tell(self, index, status, **details):
        self.current = None
        if self.statuses[index] == status:
            return
        self.statuses[index] = status
        details = {key: one_line(value) if key == "message" else cut(value) for key, value in details.items()}
        send_frame(b"R", index, dump({"status": status, **details}))

    def interrupted(self, error):
        """An error outside of asserts: the next case without an outcome bears it."""
        index = self.next_open()
        if index >= 0 and self.statuses[index] in (None, "passed"):
            self.raised(index, error)


class Proxy:
    """A function of the candidate, called in its own jail."""

    def __init__(self, name, recorder):
        self.__name__ = name
        self.__qualname__ = name
        self.recorder = recorder

    def __repr__(self):
        return f"<function {self.__name__} of the candidate>"

    def __call__(self, *args, **kwargs):
        recorder = self.recorder
        payload = dump_call(self.__name__, args, kwargs)
        send_frame(b"C", recorder.case_of_call(), payload)
        kind, _, payload = receive_frame()
        if kind == b"T":
            raise CandidateTimeout
        if kind == b"X":
            raise CandidateDied(payload.decode())
        recorder.answered += 1
        return self.read(load(payload), args, kwargs)

    def read(self, reply, args, kwargs):
        if type(reply) is not dict:
            raise CrossingError("the candidate sent malformed data")
        if "n" in reply:
            raise CrossingError(cut(str(reply["n"])))
        if "m" in reply:
            merge_arguments(args, kwargs, Decoder().decode(reply["m"]))
        if "x" in reply:
            raise exception_of(reply["x"])
        if "v" not in reply:
            raise CrossingError("the candidate sent malformed data")
        value = Decoder().decode(reply["v"])
        self.recorder.last_answer = shown(value)
        return value


def dump_call(function, args, kwargs):
    encoder = Encoder()
    try:
        return dump({"f": function, "a": encoder.encode(list(args)), "k": encoder.encode(kwargs)})
    except CrossingError as error:
        raise CrossingError(f"the test passes {error}") from None


def merge_arguments(args, kwargs, changed):
    if type(changed) is not list or len(changed) != 2:
        raise CrossingError("the candidate sent malformed data")
    new_args, new_kwargs = changed
    if type(new_args) is not list or len(new_args) != len(args) or type(new_kwargs) is not dict:
        raise CrossingError("the candidate sent malformed data")
    for old, new in zip(args, new_args):
        merge(old, new)
    for key, old in kwargs.items():
        if key in new_kwargs:
            merge(old, new_kwargs[key])


def merge(old, new):
    """Makes a container equal to another of its type, keeping the containers inside it; returns what stands for new."""
    kind = type(old)
    if kind is not type(new):
        return new
    if kind is list:
        old[:] = [merge(old[i], item) if i < len(old) else item for i, item in enumerate(new)]
    elif isinstance(old, dict):
        merged = {key: merge(old[key], value) if key in old else value for key, value in new.items()}
        old.clear()
        old.update(merged)
    elif kind in (set, bytearray) or hasattr(old, "appendleft"):
        old.clear()
        (old.update if kind is set else old.extend)(new)
    else:
        return new
    return old


def exception_of(told):
    """The exception that a candidate raised: a built-in class, or a new one below it."""
    if type(told) is not dict:
        raise CrossingError("the candidate sent malformed data")
    name = told.get("type")
    name = name if type(name) is str and name.isidentifier() else "Exception"
    bases = told.get("bases")
    base = Exception
    for candidate in bases if type(bases) is list else []:
        known = getattr(builtins, candidate, None) if type(candidate) is str else None
        # A StopIteration would end the test's own loop over calls as if they had all been made.
        if known is StopIteration:
            continue
        if isinstance(known, type) and issubclass(known, BaseException):
            base = known
            break
    kind = type(name, (base,), {"__module__": "candidate"}) if name != base.__name__ else base
    try:
        args = Decoder().decode(told.get("args"))
        error = kind(*args)
    except BaseException:
        error = type(name, (Exception,), {})(str(told.get("message", "")))
    try:
        error.flow_from_candidate = True
    except AttributeError:
        pass
    return error


def run_function_suite(setup):
    sources = []
    tree, checks, whole_check = read_test_code(setup["test_code"], sources)
    asserts = [read_assert(text, position, sources) for position, text in enumerate(setup["asserts"])]
    code, *compiled = [compile_tree(one) for one in (tree, *asserts)]
    declare(sources)
    recorder = Recorder(len(sources))
    candidate = Proxy(setup["entry_point"], recorder)
    namespace = {"__name__": "tests", RECORDER: recorder}
    modules, functions = free_names([tree, *asserts])
    for name in modules:
        namespace[name] = __import__(name)
    for name in functions:
        namespace[name] = typing_name(name) or Proxy(name, recorder)
    namespace["candidate"] = namespace[setup["entry_point"]] = candidate
    try:
        exec(code, namespace)
    except BaseException as error:
        if recorder.answered == 0 and not isinstance(error, (CandidateTimeout, CandidateDied)):
            raise SuiteError(f"test_code raised {type(error).__name__}: {error}") from None
        recorder.interrupted(error)
        return
    if checks:
        run_check(namespace["check"], candidate, recorder, whole_check)
    for code in compiled:
        exec(code, namespace)


def typing_name(name):
    """What `typing` calls by that name: tests often use List and the like without importing them."""
    if not name[0].isupper():
        return None
    import typing

    return getattr(typing, name) if name in typing.__all__ else None


def compile_tree(tree):
    try:
        return compile(tree, "suite.py", "exec")
    except (SyntaxError, ValueError, RecursionError) as error:
        raise SuiteError(f"the suite does not compile: {error}") from None


def run_check(check, candidate, recorder, whole_check):
    if whole_check is not None:
        recorder.begin(whole_check)
    code = getattr(check, "__code__", None)
    takes_none = code is not None and code.co_argcount == 0 and not code.co_flags & VARARGS
    try:
        check() if takes_none else check(candidate)
    except BaseException as error:
        if whole_check is None:
            recorder.interrupted(error)
        elif isinstance(error, AssertionError) and not getattr(error, "flow_from_candidate", False):
            message = f"AssertionError: {error}" if str(error) else "an assert failed"
            recorder.tell(whole_check, "failed", actual=recorder.last_answer, message=message)
        else:
            recorder.raised(whole_check, error)
    else:
        if whole_check is not None:
            recorder.tell(whole_check, "passed")


def run_value_suite(setup):
    cases = []
    for position, case in enumerate(setup["cases"]):
        try:
            args, expected = json.loads(case["arguments"]), json.loads(case["expected"])
        except (ValueError, RecursionError) as error:
            raise SuiteError(f"cases[{position}] is not JSON: {error}") from None
        if type(args) is not list:
            raise SuiteError(f"cases[{position}].arguments_json is not an array")
        cases.append((args, expected))
    name = setup["entry_point"]
    declare([cut(f"{name}({', '.join(map(shown, args))}) == {shown(expected)}") for args, expected in cases])
    recorder = Recorder(len(cases))
    candidate = Proxy(name, recorder)
    for index, (args, expected) in enumerate(cases):
        recorder.begin(index)
        try:
            actual = candidate(*args)
            recorder.settle(index, same_json(actual, expected), shown(expected), actual)
        except BaseException as error:
            recorder.raised(index, error)


def same_json(actual, expected):
    """Equality of JSON values: tuples and iterators are arrays; booleans are not numbers; NaN is itself."""
    if type(actual) is CandidateIterator:
        actual = actual.items
    if type(expected) is list:
        if type(actual) not in (list, tuple) or len(actual) != len(expected):
            return False
        return all(map(same_json, actual, expected))
    if type(expected) is dict:
        if not isinstance(actual, dict) or len(actual) != len(expected):
            return False
        keyed = {key if type(key) is str else json.dumps(key): value for key, value in actual.items() if plain_key(key)}
        return keyed.keys() == expected.keys() and all(same_json(keyed[key], expected[key]) for key in expected)
    if isinstance(actual, bool) is not isinstance(expected, bool):
        return False
    if type(actual) is float and actual != actual:
        return type(expected) is float and expected != expected
    return type(actual) in (str, int, float, bool, type(None)) and actual == expected


def plain_key(key):
    return key is None or type(key) in (str, int, float, bool)


def declare(sources):
    if not sources:
        raise SuiteError("the suite declares no case")
    send_frame(b"D", 0, dump(sources))


def main():
    _, _, payload = receive_frame()
    setup = load(payload)
    try:
        run_value_suite(setup) if setup["kind"] == "values" else run_function_suite(setup)
        send_frame(b"E", 0, dump({}))
    except SuiteError as error:
        send_frame(b"E", 0, dump({"error": one_line(str(error))}))


main()
