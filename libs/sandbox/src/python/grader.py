"""Runs a suite against a candidate that lives in another jail.

Test code calls a proxy that sends the arguments away and gets plain values
back; expected values, and every comparison, stay here.
"""
import json

from flow_asserts import SuiteError, free_names
from flow_outcomes import Recorder, cut, one_line, said, shown
from flow_proxy import Caller, Proxy
from flow_suites import new_module, read_suite, typing_name
from flow_wire import CandidateIterator, dump, load, receive_frame, send_frame


class ChannelReporter:
    """Tells the service of outcomes. It sees by the calls when a case begins."""

    def begin(self, index):
        pass

    def outcome(self, index, outcome):
        send_frame(b"R", index, dump(outcome))


def run_tests(setup):
    """A suite of Python test code: asserts or unittest classes."""
    suite = read_suite(setup, isolated=True)
    declare(suite.sources)
    recorder = Recorder([None] * len(suite.sources), ChannelReporter())
    modules, names = free_names(suite.trees)
    caller = Caller(recorder, any(map(is_class_name, names | {setup["entry_point"]})))
    entry_point = Proxy(caller, {"f": setup["entry_point"]})
    namespace = new_module("tests").__dict__
    namespace.update({name: __import__(name) for name in modules})
    namespace["candidate"] = namespace[setup["entry_point"]] = entry_point
    try:
        bind_names(namespace, names - {"candidate", setup["entry_point"]}, caller)
    except BaseException as error:
        recorder.interrupted(error)
        return
    suite.run(namespace, recorder)


def is_class_name(name):
    """Whether tests that use the name mean a class by it; of a suite that names none, objects are no answers."""
    return name[:1].isupper() and not name.isupper() and typing_name(name) is None


def bind_names(namespace, names, caller):
    """Gives test code what the candidate calls by the names that it uses without defining them."""
    asked = []
    for name in sorted(names):
        known = typing_name(name)
        if known is None:
            asked.append(name)
        else:
            namespace[name] = known
    if not asked:
        return
    # An exception class or a constant can't be told from a function by its name.
    kinds = caller.call({}, {"names": asked})
    for name in asked:
        kind = kinds.get(name) if type(kinds) is dict else None
        if type(kind) is dict and type(kind.get("bases")) is list:
            caller.exceptions[name] = caller.exception_class(name, [base for base in kind["bases"] if base != name])
            namespace[name] = caller.exceptions[name]
        elif type(kind) is dict and "value" in kind:
            namespace[name] = kind["value"]
        else:
            namespace[name] = Proxy(caller, {"f": name})


def run_values(setup):
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
    recorder = Recorder([None] * len(cases), ChannelReporter())
    candidate = Proxy(Caller(recorder), {"f": name})
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
    send_frame(b"D", 0, dump(sources))


def main():
    _, _, payload = receive_frame()
    setup = load(payload)
    try:
        run_values(setup) if setup["kind"] == "values" else run_tests(setup)
        send_frame(b"E", 0, dump({}))
    except SuiteError as error:
        send_frame(b"E", 0, dump({"error": one_line(said(error))}))


main()
