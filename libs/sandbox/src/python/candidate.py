"""Answers a grader's calls with a candidate's functions.

It shares its process with the candidate, so nothing that it says is believed:
whatever it sends counts as the candidate's answer, and the grader compares it
with values that never come here.
"""
import sys

from flow_wire import CrossingError, Decoder, Encoder, dump, load, receive_frame, send_frame

MAX_MESSAGE = 500


def cut(text):
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def describe(error):
    """An exception as plain data: its class, the built-in classes above it, and what it says."""
    kind = type(error)
    bases = [base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"]
    try:
        message = cut(str(error))
    except BaseException:
        message = ""
    try:
        args = Encoder().encode(list(error.args))
        dump(args)
    except BaseException:
        args = [message]
    return {"type": cut(kind.__name__), "bases": bases, "message": message, "args": args}


def load_candidate(payload):
    request = load(payload)
    module = type(sys)("solution")
    sys.modules["solution"] = module
    try:
        exec(compile(request["source"], "solution.py", "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        told = describe(error)
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
    return module.__dict__


def failing_line(error):
    line, traceback = 0, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "solution.py":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def answer(namespace, payload):
    call = load(payload)
    name, decoder = call["f"], Decoder()
    args = decoder.decode(call["a"])
    kwargs = dict(decoder.decode(call["k"]))
    function = namespace.get(name)
    if not callable(function):
        message = f"name {name!r} is not defined"
        return {"x": {"type": "NameError", "bases": ["NameError"], "message": message, "args": [message]}}
    given = [args, kwargs]
    before = Encoder().encode(given)
    try:
        result = function(*args, **kwargs)
        # A generator runs here, and may raise, like the call itself.
        encoded = Encoder().encode(result)
    except CrossingError as error:
        return {"n": f"the candidate returned {error}"}
    except BaseException as error:
        return {"x": describe(error), **changes(given, before)}
    try:
        return {"v": encoded, **changes(given, before)}
    except CrossingError as error:
        return {"n": f"the candidate put into an argument {error}"}


def changes(given, before):
    after = Encoder().encode(given)
    return {} if after == before else {"m": after}


def main():
    namespace = None
    while True:
        kind, case, payload = receive_frame()
        if kind == b"L":
            namespace = load_candidate(payload)
        elif namespace is not None:
            try:
                reply = dump(answer(namespace, payload))
            except CrossingError as error:
                reply = dump({"n": f"the candidate returned {error}"})
            except BaseException as error:
                reply = dump({"n": f"the answer could not be sent: {type(error).__name__}"})
            send_frame(b"V", case, reply)


main()
