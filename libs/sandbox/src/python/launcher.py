"""First process (PID 1) of a jail: runs one program and reports what it did.

It is trusted; what it starts is not. It holds the control socket (fd 3), which
the program never gets: the program's process closes it before any of its code
runs, and this process is not dumpable, so its descriptors and memory cannot be
reached through /proc or ptrace. As PID 1 it cannot be signalled from inside.

Messages in both directions are lists of byte strings: a count, then each
string's length and bytes, all lengths as 32-bit little-endian numbers.

Only C modules are imported: signal.py, json and ctypes would cost more than the
rest of a start together.
"""
import _signal as signal
import os
import resource
import select
import sys
import time

CONTROL_FD = 3
CHANNEL_FD = 4
WORK_DIR = "/tmp/work"
TICK_SECONDS = 0.02
# Files, directories and links at once; each takes about a kilobyte of the kernel's memory.
MAX_INODES = 32_768
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
PR_SET_DUMPABLE = 4
NO_SIGNAL = -1


def set_dumpable(value):
    """prctl(PR_SET_DUMPABLE); raises if the kernel refuses."""
    import _ctypes

    prctl = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")
    if _ctypes.call_function(prctl, (PR_SET_DUMPABLE, value, 0, 0, 0)) != 0:
        raise OSError("prctl(PR_SET_DUMPABLE) failed")


def read_exactly(size):
    parts = []
    while size > 0:
        part = os.read(CONTROL_FD, min(size, 1 << 20))
        if not part:
            os._exit(0)  # the service is gone
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_message():
    count = int.from_bytes(read_exactly(4), "little")
    return [read_exactly(int.from_bytes(read_exactly(4), "little")) for _ in range(count)]


def write_message(fields):
    parts = [len(fields).to_bytes(4, "little")]
    for field in fields:
        data = field if isinstance(field, bytes) else str(field).encode()
        parts.append(len(data).to_bytes(4, "little"))
        parts.append(data)
    data = memoryview(b"".join(parts))
    os.set_blocking(CONTROL_FD, True)
    while data:
        data = data[os.write(CONTROL_FD, data) :]


class Request:
    """The first message: fixed fields, then four counted lists."""

    def __init__(self, fields):
        take = iter(fields).__next__
        number = lambda: int(take())
        listed = lambda size: [tuple(take() for _ in range(size)) for _ in range(number())]
        self.command = take().decode()  # empty: run the source in this interpreter
        self.file_name = take().decode()
        self.source = take()
        self.wall_seconds = number() / 1000
        self.cpu_seconds = number() / 1000
        self.memory_bytes = number()
        self.data_bytes = number()
        self.processes = number()
        self.disk_bytes = number()
        self.keep_channel = number() == 1
        self.watch_memory = number() == 1
        self.output_total_bytes = number()
        self.args = [os.fsdecode(arg) for (arg,) in listed(1)]
        self.env = {os.fsdecode(name): os.fsdecode(value) for name, value in listed(2)}
        self.files = [(os.fsdecode(path), data) for path, data in listed(2)]
        self.output_files = [os.fsdecode(path) for (path,) in listed(1)]


def place_files(request):
    for path, data in [*request.files, (request.file_name, request.source)]:
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


def set_limits(request):
    limits = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(request.cpu_seconds) + 2),
        (resource.RLIMIT_DATA, request.data_bytes),
        (resource.RLIMIT_FSIZE, request.disk_bytes),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_NOFILE, 512),
        # This process counts too: it has the same user.
        (resource.RLIMIT_NPROC, request.processes + 1),
    ]
    for name, wanted in limits:
        hard = resource.getrlimit(name)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(name, (value, value))
    for name, value in ((resource.RLIMIT_MSGQUEUE, 65536), (resource.RLIMIT_SIGPENDING, 1024)):
        try:
            resource.setrlimit(name, (value, value))
        except ValueError:
            pass  # a container has them from its daemon, and gVisor's kernel takes no other


def become_program(request):
    """In the child: gives up everything of ours, then becomes the program."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    if request.keep_channel:
        os.closerange(CONTROL_FD, CHANNEL_FD)
        os.closerange(CHANNEL_FD + 1, 65536)
    else:
        os.closerange(CONTROL_FD, 65536)
    set_dumpable(1)  # only now: /proc/self belongs to root until then
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass  # only a preference: this process dies before the launcher
    set_limits(request)
    os.environ.update(request.env)
    if request.command:
        program = request.command.split("\0")
        try:
            os.execv(program[0], [*program, request.file_name, *request.args])
        except OSError as error:
            os.write(2, f"{program[0]}: {error.strerror}\n".encode())
            os._exit(127)


def scan_processes():
    """CPU seconds and resident bytes of all processes but this one.

    Children that were waited for count in their parent's times, so the sum over
    the living plus what this process reaped is complete. Shared pages are
    counted once, private ones in each process (also those that a fork still
    shares, so this is an upper bound).
    """
    ticks, private, shared = 0, 0, 0
    for name in os.listdir("/proc"):
        if not name.isdigit() or name == "1":
            continue
        try:
            with open(f"/proc/{name}/stat", "rb", 0) as file:
                stat = file.read(2048)
            with open(f"/proc/{name}/statm", "rb", 0) as file:
                statm = file.read(256).split()
        except OSError:
            continue
        # The command's name may hold spaces and parentheses.
        ticks += sum(map(int, stat[stat.rindex(b")") + 2 :].split()[11:15]))
        private += int(statm[1]) - int(statm[2])
        shared = max(shared, int(statm[2]))
    reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = ticks / CLOCK_TICKS + reaped.ru_utime + reaped.ru_stime
    return cpu_seconds, (private + shared) * PAGE_BYTES


def count_inodes():
    """Files, directories and links in the places that can be written."""
    used = 0
    for place in ("/tmp", "/dev/shm"):
        try:
            found = os.statvfs(place)
        except OSError:
            continue
        used += found.f_files - found.f_ffree
    return used


class Supervisor:
    """Watches the program until it ends or a limit ends it."""

    def __init__(self, request, main_pid, wakeup_fd):
        self.request = request
        self.main_pid = main_pid
        self.main_status = None
        self.wakeup_fd = wakeup_fd
        self.started = time.monotonic()
        self.peak_bytes = 0
        self.poll = select.poll()
        self.poll.register(CONTROL_FD, select.POLLIN)
        self.poll.register(wakeup_fd, select.POLLIN)

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.main_pid:
                self.main_status = status

    def run(self):
        """Returns why it ended: exit, wall, cpu, memory or stopped."""
        deadline = self.started + self.request.wall_seconds
        next_scan = self.started + TICK_SECONDS
        while True:
            self.reap()
            if self.main_status is not None:
                return "exit"
            now = time.monotonic()
            if now >= deadline:
                return "wall"
            if now >= next_scan:
                cpu_seconds, resident = scan_processes()
                if cpu_seconds >= self.request.cpu_seconds:
                    return "cpu"
                if count_inodes() > MAX_INODES:
                    return "memory"
                if self.request.watch_memory:
                    self.peak_bytes = max(self.peak_bytes, resident)
                    if resident > self.request.memory_bytes:
                        return "memory"
                next_scan = time.monotonic() + TICK_SECONDS
            for fd, _ in self.poll.poll(max(0, (min(next_scan, deadline) - now) * 1000)):
                if fd == self.wakeup_fd:
                    os.read(self.wakeup_fd, 4096)
                elif not self.obey():
                    return "stopped"

    def obey(self):
        """One byte is one command: 0 ends the program, others are signals for it."""
        command = os.read(CONTROL_FD, 1)
        if not command or command == b"\0":
            return False
        try:
            os.killpg(self.main_pid, command[0])
        except OSError:
            pass
        return True

    def end_all(self):
        while True:
            try:
                os.kill(-1, signal.SIGKILL)
            except ProcessLookupError:
                pass
            try:
                pid, status = os.waitpid(-1, 0)
            except ChildProcessError:
                return
            if pid == self.main_pid and self.main_status is None:
                self.main_status = status


def open_beneath(path):
    """Opens a regular file below the work directory without following links."""
    folder = os.open(WORK_DIR, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        *parents, name = path.split("/")
        for parent in parents:
            inner = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)


def collect_outputs(request):
    outputs = []
    left = request.output_total_bytes
    for path in request.output_files:
        try:
            fd = open_beneath(path)
        except OSError:
            continue
        info = os.fstat(fd)
        if info.st_mode & 0o170000 != 0o100000 or info.st_size > left:
            os.close(fd)
            continue
        with os.fdopen(fd, "rb") as file:
            data = file.read(left)
            left -= len(data)
            outputs += [os.fsencode(path), data]
    return outputs


def supervise(request, main_pid, wakeup_fd):
    supervisor = Supervisor(request, main_pid, wakeup_fd)
    reason = supervisor.run()
    supervisor.end_all()
    wall_seconds = time.monotonic() - supervisor.started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = used.ru_utime + used.ru_stime
    code = os.waitstatus_to_exitcode(supervisor.main_status)
    # The kernel's own CPU limit has whole seconds and ends one process only.
    if reason == "exit" and code in (-signal.SIGXCPU, -signal.SIGKILL) and cpu_seconds >= request.cpu_seconds:
        reason = "cpu"
    peak_bytes = max(supervisor.peak_bytes, used.ru_maxrss * 1024)
    outputs = collect_outputs(request)
    times = [round(cpu_seconds * 1000), round(wall_seconds * 1000)]
    write_message([b"end", reason, code, *times, peak_bytes, *outputs])
    os._exit(0)


def launch():
    """Returns in the program's process only."""
    set_dumpable(0)
    request = Request(read_message())
    try:
        place_files(request)
    except OSError as error:
        write_message([b"refused", f"the files could not be placed: {error.strerror}"])
        os._exit(0)
    wakeup_read, wakeup_write = os.pipe()
    os.set_blocking(wakeup_write, False)
    # A first process gets from inside only the signals that it handles, and Python handles this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
    write_message([b"started"])
    main_pid = os.fork()
    if main_pid != 0:
        supervise(request, main_pid, wakeup_read)
    become_program(request)
    return request


def run_python(request):
    """Runs the source as `python3 main.py` would."""
    path = f"{WORK_DIR}/{request.file_name}"
    sys.argv = [path, *request.args]
    sys.path.insert(0, WORK_DIR)
    main = type(sys)("__main__")
    main.__file__ = path
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    try:
        exec(compile(request.source, path, "exec", dont_inherit=True), main.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        # The frame of this function is not the program's.
        traceback = error.__traceback__.tb_next
        sys.excepthook(type(error), error.with_traceback(traceback), traceback)
        sys.exit(1)


if __name__ == "__main__":
    run_python(launch())
