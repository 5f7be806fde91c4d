"""Runs candidate and tests in one interpreter, for suites that need it.

Such verdicts can be forged by code that knows this file: the tests' outcomes
are told by the process that the candidate shares. What is out of its reach is
the rest. The cases are read from the source before a line of the candidate has
run; this process, which counts the answers and alone holds the channel to the
service, runs none of its code and is closed to it; and only answers that carry
a number drawn for this process count. Printing, writing to descriptors, exiting
and dying never pass a case.
"""
import os
import select
import signal
import sys
import time

from flow_asserts import SuiteError, free_names
from flow_outcomes import Recorder, cut, one_line, said
from flow_suites import new_module, read_suite, typing_name
from flow_wire import CHANNEL_FD, dump, load, receive_frame, send_frame

NONCE_BYTES = 16
MAX_REPORT_BYTES = 64 * 1024
PR_SET_DUMPABLE = 4


def set_dumpable(value):
    """Closes (0) or opens (1) this process's memory and descriptors in /proc to others of its user."""
    import _ctypes

    prctl = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")
    if _ctypes.call_function(prctl, (PR_SET_DUMPABLE, value, 0, 0, 0)) != 0:
        raise OSError("prctl(PR_SET_DUMPABLE) failed")


class PipeReporter:
    """In the child: tells the parent of outcomes."""

    def __init__(self, fd, nonce):
        self.fd = fd
        self.nonce = nonce

    def begin(self, index):
        self.send(b"B", index)

    def outcome(self, index, outcome):
        self.send(b"R", index, dump(outcome))

    def send(self, kind, index=0, payload=b""):
        body = self.nonce + kind + index.to_bytes(4, "little") + payload
        data = memoryview(len(body).to_bytes(4, "little") + body)
        while data:
            data = data[os.write(self.fd, data) :]


def run_child(setup, suite, statuses, reporter):
    module = new_module("solution", "__main__")
    namespace = module.__dict__
    try:
        exec(compile(setup["candidate"], "solution.py", "exec", dont_inherit=True), namespace)
        entry_point = namespace.get(setup["entry_point"])
        if not callable(entry_point):
            raise NameError(f"the candidate defines no function named {setup['entry_point']!r}")
    except BaseException as error:
        reporter.send(b"F", 0, dump({"type": cut(type(error).__name__), "message": one_line(said(error))}))
        return
    reporter.send(b"K")
    modules, names = free_names(suite.trees)
    for name in modules | names:
        if name not in namespace:
            known = __import__(name) if name in modules else typing_name(name)
            namespace.update({} if known is None else {name: known})
    namespace["candidate"] = entry_point
    try:
        suite.run(namespace, Recorder(statuses, reporter, isolated=False))
        reporter.send(b"E", 0, dump({}))
    except SuiteError as error:
        reporter.send(b"E", 0, dump({"error": one_line(said(error))}))


class Child:
    """One child, which runs the cases that have no outcome yet."""

    def __init__(self, setup, suite, statuses):
        self.nonce = os.urandom(NONCE_BYTES)
        self.fd, write_fd = os.pipe()
        self.buffer = bytearray()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.fd)
                os.close(CHANNEL_FD)
                os.setsid()
                set_dumpable(1)
                run_child(setup, suite, statuses, PipeReporter(write_fd, self.nonce))
            finally:
                os._exit(0)
        os.close(write_fd)

    def next_report(self, deadline):
        """(kind, index, payload); None at the deadline; b"" for the end, False for anything else than a report."""
        while True:
            if len(self.buffer) >= 4:
                size = int.from_bytes(self.buffer[:4], "little")
                if not NONCE_BYTES + 5 <= size <= MAX_REPORT_BYTES:
                    return False
                if len(self.buffer) >= 4 + size:
                    body = bytes(self.buffer[4 : 4 + size])
                    del self.buffer[: 4 + size]
                    nonce, rest = body[:NONCE_BYTES], body[NONCE_BYTES:]
                    return nonce == self.nonce and (rest[:1], int.from_bytes(rest[1:5], "little"), rest[5:])
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return None
            chunk = os.read(self.fd, 1 << 16)
            if not chunk:
                return b""
            self.buffer += chunk

    def end(self):
        """Ends it and everything that it started; one line about how it ended by itself."""
        ended, status = os.waitpid(self.pid, os.WNOHANG)
        code = os.waitstatus_to_exitcode(status) if ended else 0
        try:
            os.kill(-1, signal.SIGKILL)  # spares the caller and the jail's first process
        except ProcessLookupError:
            pass
        try:
            while True:
                os.waitpid(-1, 0)
        except ChildProcessError:
            pass
        os.close(self.fd)
        return f"the process was ended by signal {-code}" if code < 0 else f"the process exited with code {code}"


class Counter:
    """In the parent: the outcomes that count."""

    def __init__(self, count):
        self.statuses = [None] * count

    def tell(self, index, outcome):
        """One failure decides a case, whatever is said of it later."""
        if self.statuses[index] in (None, "passed") and self.statuses[index] != outcome["status"]:
            self.statuses[index] = outcome["status"]
            send_frame(b"R", index, dump(outcome))

    def error(self, index, kind, message):
        self.tell(index, {"status": "error", "type": kind, "message": message})

    def void(self):
        for index in range(len(self.statuses)):
            self.error(index, "CandidateDied", "the candidate wrote to the grading channel")


def run_until_it_ends(setup, suite, counter):
    """One child after another, each for what the one before has left; what to tell of the end."""
    case_seconds = setup["case_wall_ms"] / 1000
    while True:
        open_before = counter.statuses.count(None)
        child = Child(setup, suite, counter.statuses)
        current, loaded = None, False
        deadline = time.monotonic() + case_seconds
        while True:
            report = child.next_report(deadline)
            kind, index, payload = report if type(report) is tuple else (None, 0, b"")
            if kind == b"E" and loaded:
                child.end()
                return b"E", load(payload)
            if kind == b"F" and not loaded:
                child.end()
                return b"F", load(payload)
            if kind == b"K" and not loaded:
                loaded = True
            elif kind == b"B" and loaded and index < len(counter.statuses):
                if index != current:
                    current, deadline = index, time.monotonic() + case_seconds
            elif kind == b"R" and index == current:
                counter.tell(index, load(payload))
            else:
                break
        ended = child.end()
        if report is False or kind is not None:
            counter.void()
            return b"E", {}
        if not loaded:
            how = f"loading took longer than {setup['case_wall_ms']} ms" if report is None else ended
            return b"F", {"type": "Timeout" if report is None else "CandidateDied", "message": how}
        if current is not None and report is None:
            counter.tell(current, {"status": "timeout", "message": "the candidate took too long"})
        elif current is not None:
            counter.error(current, "CandidateDied", ended)
        if counter.statuses.count(None) in (0, open_before):
            return b"E", {}


def main():
    set_dumpable(0)
    _, _, payload = receive_frame()
    setup = load(payload)
    try:
        suite = read_suite(setup, isolated=False)
        send_frame(b"D", 0, dump(suite.sources))
        kind, told = run_until_it_ends(setup, suite, Counter(len(suite.sources)))
        send_frame(kind, 0, dump(told))
    except SuiteError as error:
        send_frame(b"E", 0, dump({"error": one_line(said(error))}))


main()
