"""A pre-forked interpreter: runs each program in a clone of itself.

It is the first process of an outer jail and trusted. The helper library (see
libs/sandbox/native) makes, for each execution, namespaces with an init process
that watches limits and talks to the service; in there a process is forked that
returns here, without any privilege, and becomes the program. This interpreter
reads no request, so that no program finds another one's data in its memory.
"""
import ast, atexit, bisect, collections, copy, ctypes, dataclasses, datetime, functools, gc, heapq, itertools
import json, math, operator, os, random, re, signal, string, sys, threading, typing

REQUEST_FD = 3
WORK_DIR = "/tmp/work"
HELPER = "/flow/jail-helper.so"


def read_request():
    """A list of byte strings: a count, then each one's length and bytes (u32, little-endian)."""
    with open(REQUEST_FD, "rb", 0) as file:
        data = file.readall()
    fields, at = [], 4
    for _ in range(int.from_bytes(data[:4], "little")):
        size = int.from_bytes(data[at : at + 4], "little")
        fields.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return fields


def become_program():
    """In the program's process: returns its path, source and arguments."""
    file_name, source, *rest = read_request()
    variables = rest.index(b"")
    for at in range(0, variables, 2):
        os.environ[os.fsdecode(rest[at])] = os.fsdecode(rest[at + 1])
    return f"{WORK_DIR}/{os.fsdecode(file_name)}", source, [os.fsdecode(arg) for arg in rest[variables + 1 :]]


def run_program(path, source, args):
    """Runs the source as `python3 main.py` would."""
    sys.argv = [path, *args]
    sys.orig_argv = [sys.executable, *sys.argv]
    sys.path.insert(0, WORK_DIR)
    main = type(sys)("__main__")
    main.__file__ = path
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    try:
        exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)
        return 0
    except SystemExit as error:
        return exit_status(error.code)
    except BaseException as error:
        # The frame of this function is not the program's.
        traceback = error.__traceback__.tb_next
        sys.excepthook(type(error), error.with_traceback(traceback), traceback)
        return 1


def exit_status(code):
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def finish(status):
    """
    Ends the process as Python does: waits for threads, calls what atexit holds,
    lets go of the program's globals and flushes. Python would then take all its
    modules apart, which takes several times as long as all the rest.
    """
    threading._shutdown()
    atexit._run_exitfuncs()
    variables = sys.modules["__main__"].__dict__
    for pass_private in (True, False):
        for name in list(variables):
            private = name.startswith("_") and not name.startswith("__")
            if name != "__builtins__" and private == pass_private:
                variables[name] = None
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException as error:
            status = status or 120
    os._exit(status)


def serve():
    """Returns in a program's process only."""
    helper = ctypes.PyDLL(HELPER)
    gc.collect()
    gc.freeze()
    ctypes.pythonapi.PyOS_BeforeFork()
    helper.flow_serve()
    ctypes.pythonapi.PyOS_AfterFork_Child()
    helper.flow_await_request()


serve()
finish(run_program(*become_program()))
