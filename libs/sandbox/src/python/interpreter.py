"""A pre-forked interpreter: runs each program in a clone of itself.

It is the first process of an outer jail and trusted. The helper library (see
libs/sandbox/native) makes, for each execution, namespaces with an init process
that watches limits and talks to the service; in there a process is forked that
returns here, without any privilege, and becomes the program. This interpreter
reads no request, so that no program finds another one's data in its memory.
"""
import sys

FRESH = frozenset(sys.modules)

import ast, atexit, bisect, collections, copy, ctypes, dataclasses, datetime, functools, gc, heapq
import importlib.util, itertools, json, math, operator, os, random, re, string, threading, traceback, typing

REQUEST_FD = 3
WORK_DIR = "/tmp/work"
HELPER = "/flow/jail-helper.so"
PROGRAMS = "/flow/programs.json"


class Precompiled:
    """Our own programs that take part in gradings: every grading runs the same ones."""

    def __init__(self):
        with open(PROGRAMS, encoding="utf-8") as file:
            self.sources = {name: text.encode() for name, text in json.load(file).items()}
        self.codes = {name: compile(source, f"{WORK_DIR}/{name}.py", "exec") for name, source in self.sources.items()}
        self.mains = {source: compile(source, f"{WORK_DIR}/main.py", "exec") for source in self.sources.values()}

    def import_modules(self):
        """Imports those that the request brought as files, without compiling them again."""
        sys.meta_path.insert(0, self)
        try:
            for name in self.codes:
                if self.is_there(name):
                    importlib.import_module(name)
        finally:
            sys.meta_path.remove(self)

    def is_there(self, name):
        try:
            with open(f"{WORK_DIR}/{name}.py", "rb") as file:
                return file.read() == self.sources[name]
        except OSError:
            return False

    def find_spec(self, name, path=None, target=None):
        if name not in self.codes or not self.is_there(name):
            return None
        return importlib.util.spec_from_file_location(name, f"{WORK_DIR}/{name}.py", loader=self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.codes[module.__name__], module.__dict__)


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
    forget_shadowed()
    return f"{WORK_DIR}/{os.fsdecode(file_name)}", source, [os.fsdecode(arg) for arg in rest[variables + 1 :]]


def forget_shadowed():
    """A file in the work directory comes before a library module of the same name."""
    names = {name.partition(".")[0] for name in os.listdir(WORK_DIR)} - FRESH
    for name in [name for name in sys.modules if name.partition(".")[0] in names]:
        del sys.modules[name]


def run_program(path, source, args):
    """Runs the source as `python3 main.py` would; returns the exit status."""
    sys.argv = [path, *args]
    sys.orig_argv = [sys.executable, *sys.argv]
    sys.path.insert(0, WORK_DIR)
    main = type(sys)("__main__")
    main.__file__ = path
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    try:
        code = precompiled.mains.get(source)
        if code is None:
            code = compile(source, path, "exec", dont_inherit=True)
        else:
            precompiled.import_modules()
        exec(code, main.__dict__)
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
    """Ends the process as Python does.

    It waits for threads, calls what atexit holds, lets go of the program's
    globals and flushes. Python would then take all its modules apart, which
    takes several times as long as all the rest.
    """
    threading._shutdown()
    atexit._run_exitfuncs()
    variables = sys.modules["__main__"].__dict__
    for private_ones in (True, False):
        for name in list(variables):
            private = name.startswith("_") and not name.startswith("__")
            if name != "__builtins__" and private == private_ones:
                variables[name] = None
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException:
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


precompiled = Precompiled()
serve()
finish(run_program(*become_program()))
