"""Answers a grader's calls with a candidate's functions, classes and objects.

It shares its process with the candidate, so nothing that it says is believed:
whatever it sends counts as the candidate's answer, and the grader compares it
with values that never come here.
"""
import sys

from flow_wire import CrossingError, Decoder, Encoder, dump, load, receive_frame, send_frame

MAX_MESSAGE = 500
MAX_OBJECTS = 10_000
PLAIN_BASES = (int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset)


def cut(text):
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


class Objects:
    """Objects of the candidate's own classes, which cross as numbers."""

    def __init__(self, first):
        self.kept = {}
        self.numbers = {}
        self.first = first

    def refer(self, value):
        kind = type(value)
        if getattr(kind, "__module__", None) != "solution" or issubclass(kind, PLAIN_BASES):
            return None
        number = self.numbers.get(id(value))
        if number is None:
            if len(self.kept) >= MAX_OBJECTS:
                raise CrossingError(f"more than {MAX_OBJECTS} objects of its classes")
            number = self.first + len(self.kept)
            self.kept[number] = value
            self.numbers[id(value)] = number
        return {"o": [number, [base.__name__ for base in kind.__mro__]]}

    def resolve(self, number):
        try:
            return self.kept[number]
        except (KeyError, TypeError):
            raise LookupError("an object that was lost when the candidate was started anew") from None


class Candidate:
    """The loaded candidate."""

    def __init__(self, namespace, first_object):
        self.namespace = namespace
        self.objects = Objects(first_object)

    def encode(self, value):
        return Encoder(refer=self.objects.refer).encode(value)

    def answer(self, payload):
        call = load(payload)
        if "names" in call:
            return {"v": self.encode({name: self.kind(name) for name in call["names"]})}
        decoder = Decoder(resolve=self.objects.resolve)
        try:
            args, kwargs = decoder.decode(call["a"]), dict(decoder.decode(call["k"]))
            target = self.objects.resolve(call["o"]) if "o" in call else self.named(call["f"])
        except LookupError as error:
            return {"n": f"the test uses {error}"}
        except NameError as error:
            return {"x": self.describe(error)}
        before = self.encode([args, kwargs])
        try:
            result = operate(target, call, args, kwargs)
            if "g" in call and callable(result) and self.objects.refer(result) is None:
                return {"c": 1}
            # A generator runs here, and may raise, like the call itself.
            encoded = self.encode(result)
        except CrossingError as error:
            return {"n": f"the candidate returned {error}"}
        except BaseException as error:
            return {"x": self.describe(error), **self.changes([args, kwargs], before)}
        try:
            return {"v": encoded, **self.changes([args, kwargs], before)}
        except CrossingError as error:
            return {"n": f"the candidate put into an argument {error}"}

    def named(self, name):
        value = self.namespace.get(name)
        if value is None and name not in self.namespace:
            raise NameError(f"name {name!r} is not defined")
        return value

    def kind(self, name):
        """What a name of the candidate is, as far as test code has to know."""
        value = self.namespace.get(name)
        if isinstance(value, type) and issubclass(value, BaseException):
            return {"bases": [base.__name__ for base in value.__mro__]}
        if callable(value) or name not in self.namespace:
            return None
        try:
            self.encode(value)
        except CrossingError:
            return None
        return {"value": value}

    def changes(self, given, before):
        after = self.encode(given)
        return {} if after == before else {"m": after}

    def describe(self, error):
        """An exception as plain data: its class, those above it, and what it holds."""
        kind = type(error)
        told = {"type": cut(kind.__name__), "bases": [base.__name__ for base in kind.__mro__], "message": ""}
        try:
            told["message"] = cut(str(error))
        except BaseException:
            pass
        told["args"] = self.encoded_or([told["message"]], lambda: list(error.args))
        told["attributes"] = self.encoded_or({}, lambda: dict(error.__dict__))
        return told

    def encoded_or(self, fallback, take):
        try:
            data = self.encode(take())
            dump(data)
            return data
        except BaseException:
            return self.encode(fallback)


def operate(target, call, args, kwargs):
    if "g" in call:
        return getattr(target, call["g"])
    if "s" in call:
        return setattr(target, call["s"], *args)
    method = call.get("m")
    if method is None:
        return target(*args, **kwargs)
    if method == "__bool__":
        return bool(target)
    found = getattr(target, method, None)
    if found is None and method == "__contains__":
        return args[0] in target
    if found is None and method == "__iter__":
        return iter(target)
    return getattr(target, method)(*args, **kwargs)


def load_candidate(payload):
    request = load(payload)
    module = type(sys)("solution")
    sys.modules["solution"] = module
    candidate = Candidate(module.__dict__, request["first_object"])
    try:
        exec(compile(request["source"], "solution.py", "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        told = candidate.describe(error)
        line = failing_line(error)
        told["message"] = cut(f"{told['message']} (line {line})" if line and "line" not in told["message"] else told["message"])
        send_frame(b"F", 0, dump(told))
        return None
    entry_point = request["entry_point"]
    if not callable(module.__dict__.get(entry_point)):
        message = f"the candidate defines no function named {entry_point!r}"
        send_frame(b"F", 0, dump({"type": "NameError", "message": message}))
        return None
    send_frame(b"K", 0)
    return candidate


def failing_line(error):
    line, traceback = 0, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "solution.py":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def main():
    candidate = None
    while True:
        kind, case, payload = receive_frame()
        if kind == b"L":
            candidate = load_candidate(payload)
        elif candidate is not None:
            try:
                reply = dump(candidate.answer(payload))
            except CrossingError as error:
                reply = dump({"n": f"the candidate returned {error}"})
            except BaseException as error:
                reply = dump({"n": f"the answer could not be sent: {type(error).__name__}"})
            send_frame(b"V", case, reply)


main()
