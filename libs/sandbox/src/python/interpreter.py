"""A pre-forked interpreter: runs each program in a clone of itself.

It is the first process of an outer jail and trusted. The helper library (see
libs/sandbox/native) makes, for each execution, namespaces with an init process
that watches limits and talks to the service; in there a process is forked that
returns here, without any privilege, and becomes the program. This interpreter
reads no request, so that no program finds another one's data in its memory.
"""
import sys

FRESH = frozenset(sys.modules)

import _thread, ast, atexit, bisect, collections, copy, ctypes, dataclasses, datetime, functools, gc, heapq
import importlib.util, itertools, json, math, operator, os, random, re, string, threading, traceback, typing

WORK_DIR = "/tmp/work"
MAIN = f"{WORK_DIR}/main.py"
HELPER = "/flow/jail-helper.so"
PROGRAMS = "/flow/programs.json"


class Precompiled:
    """Our own programs that take part in gradings: every grading runs the same ones."""

    def __init__(self):
        with open(PROGRAMS, encoding="utf-8") as file:
            self.sources = {name: text.encode() for name, text in json.load(file).items()}
        self.codes = {name: compile(source, f"{WORK_DIR}/{name}.py", "exec") for name, source in self.sources.items()}
        self.mains = {source: compile(source, MAIN, "exec") for source in self.sources.values()}

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


def become_program(source, rest):
    """Called by the helper in a program's process, which ends with the status that comes back."""
    seed_random()
    if rest:
        take_rest(rest)
    return finish(run_program(source))


def take_rest(rest):
    """Variables and arguments: a list of byte strings, a count, then each one's length and bytes (u32, little-endian)."""
    fields, at = [], 4
    for _ in range(int.from_bytes(rest[:4], "little")):
        size = int.from_bytes(rest[at : at + 4], "little")
        fields.append(rest[at + 4 : at + 4 + size])
        at += 4 + size
    variables = fields.index(b"")
    for at in range(0, variables, 2):
        os.environ[os.fsdecode(fields[at])] = os.fsdecode(fields[at + 1])
    args = [os.fsdecode(arg) for arg in fields[variables + 1 :]]
    sys.argv += args
    sys.orig_argv += args
    forget_shadowed()


def forget_shadowed():
    """A file in the work directory comes before a library module of the same name."""
    names = {name.partition(".")[0] for name in os.listdir(WORK_DIR)} - FRESH
    for name in [name for name in sys.modules if name.partition(".")[0] in names]:
        del sys.modules[name]


def new_main():
    """The module of a program, as `python3 main.py` has it."""
    main = type(sys)("__main__")
    main.__file__ = MAIN
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    return main


def run_program(source):
    """Runs the source as `python3 main.py` would; returns the exit status."""
    try:
        code = precompiled.mains.get(source)
        if code is None:
            code = compile(source, MAIN, "exec", dont_inherit=True)
        else:
            precompiled.import_modules()
        exec(code, main.__dict__)
        return 0
    except SystemExit as error:
        return exit_status(error.code)
    except BaseException as error:
        global reserve
        reserve = None
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
    """Does what Python does at its end; returns the exit status.

    It waits for threads, calls what atexit holds, lets go of the program's
    globals and flushes. Python would then take all its modules apart, which
    takes several times as long as all the rest.
    """
    if _thread._count() or atexit._ncallbacks() or threading._threading_atexits:
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
    return status


def warm_up():
    """Runs a program here, as often as it takes to have caches filled that each program would fill again."""
    for _ in range(20):
        finish(run_program(b"import math\nfor text in ['']:\n    print(str(sum(range(9)))[:0], end=text)\n"))


def serve():
    helper = ctypes.PyDLL(HELPER)
    helper.flow_serve.argtypes = [ctypes.py_object]
    gc.collect()
    gc.freeze()
    helper.flow_serve(become_program)


os.environ.pop("LD_BIND_NOW", None)
precompiled = Precompiled()
# What importing the module does; without it all programs would draw the same numbers.
seed_random = super(random.Random, random._inst).seed
# Given back before a traceback is printed: what the program ended with may be that it had no memory left.
reserve = bytes(1 << 20)
sys.argv = [MAIN]
sys.orig_argv = [sys.executable, MAIN]
sys.path.insert(0, WORK_DIR)
main = new_main()
warm_up()
main = new_main()
serve()
