"""Tries to get out of a sandbox, one named attempt after another, and prints what each met.

Arguments: a JSON object with `secret`, `secret_path` (a file of the machine that
holds it), `port` and `abstract` (services of the machine), `mark` (a neighbour's
name) and `left` (names that an earlier program gave to what it left behind).
"""
import ctypes
import errno
import json
import os
import signal
import socket
import stat
import sys

GIVEN = json.loads(sys.argv[1])
LIBC = ctypes.CDLL(None, use_errno=True)
ALLOWED_VARIABLES = {"PATH", "HOME", "LANG", "LC_CTYPE", "USER", "TMPDIR", "PWD"}
WRITABLE_PLACES = ["/tmp", "/tmp/work", "/dev/shm"]
NAMESPACES = {"mount": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000,
              "user": 0x10000000, "pid": 0x20000000, "net": 0x40000000}  # fmt: skip
# Numbers on x86-64 and on 64-bit ARM.
CALLS = {"keyctl": (250, 219), "add_key": (248, 217), "bpf": (321, 280), "perf_event_open": (298, 241),
         "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "process_vm_readv": (310, 270),
         "fsopen": (430, 430), "personality": (135, 92)}  # fmt: skip
COLUMN = 0 if os.uname().machine == "x86_64" else 1
CLOCK_REALTIME = 0
PR_GET_NO_NEW_PRIVS = 39

PROBES = []


class Escaped(Exception):
    """An attempt got through."""


def attempt(boundary, name):
    def register(probe):
        PROBES.append((boundary, name, probe))
        return probe

    return register


def refused(action, *args):
    """The errors' names; raises Escaped when the action succeeds."""
    try:
        result = action(*args)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    raise Escaped(f"{getattr(action, '__name__', 'it')}{args} gave {str(result)[:60]}")


def call(name, *args):
    """A system call by name; raises OSError as os functions do."""
    result = LIBC.syscall(CALLS[name][COLUMN], *args)
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


def all_refused(action, argument_lists):
    return ", ".join(sorted({refused(action, *args) for args in argument_lists}))


def in_child(action):
    """Runs what may be answered by death in a process of its own: its exit code, or minus the signal."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if action() else 1)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read(4096)


@attempt("filesystem", "read a file of the machine")
def read_machine():
    path = GIVEN["secret_path"]
    for place in (path, f"/proc/1/root{path}", f"/proc/self/root{path}", f"/../../..{path}"):
        try:
            if GIVEN["secret"].encode() in read_bytes(place):
                raise Escaped(place)
        except OSError as error:
            met = errno.errorcode[error.errno]
    return met


@attempt("filesystem", "reach a container engine's socket")
def reach_engine():
    places = ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"]
    return all_refused(os.stat, [(place,) for place in places])


@attempt("filesystem", "write to the root")
def write_root():
    places = ["/", "/usr", "/usr/bin", "/usr/lib", "/etc", "/dev", "/lib", "/proc", "/bin", "/opt"]
    return all_refused(open, [(os.path.join(place, "flow-probe"), "w") for place in places])


@attempt("filesystem", "change a setting of the kernel")
def change_kernel():
    places = ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sys/kernel/hostname",
              "/proc/sysrq-trigger", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
              "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/cgroup.procs"]  # fmt: skip
    return all_refused(os.open, [(place, os.O_WRONLY) for place in places])


@attempt("filesystem", "open a device of the machine")
def open_device():
    places = ["/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/fuse", "/dev/kvm"]
    return all_refused(os.open, [(place, os.O_RDONLY) for place in places])


@attempt("privileges", "make a device node")
def make_device():
    return all_refused(os.mknod, [("disk", stat.S_IFBLK | 0o600, os.makedev(8, 0)),
                                  ("memory", stat.S_IFCHR | 0o600, os.makedev(1, 1))])  # fmt: skip


@attempt("filesystem", "find what an earlier program left")
def find_left():
    found = [name for place in WRITABLE_PLACES if os.path.isdir(place)
             for name in os.listdir(place) if GIVEN["left"] in name]  # fmt: skip
    if found:
        raise Escaped(", ".join(found))
    return "nothing"


@attempt("filesystem", "find a neighbour's files")
def find_neighbour():
    found = [name for place in WRITABLE_PLACES if os.path.isdir(place)
             for name in os.listdir(place) if GIVEN["mark"] in name]  # fmt: skip
    if found:
        raise Escaped(", ".join(found))
    return "nothing"


@attempt("processes", "see other processes")
def see_processes():
    seen = {name for name in os.listdir("/proc") if name.isdigit()} - {"1", str(os.getpid())}
    if seen or os.getppid() != 1:
        raise Escaped(f"processes {sorted(seen)}, parent {os.getppid()}")
    return "itself and its launcher"


@attempt("processes", "read a neighbour's command line")
def read_neighbour():
    lines = b"".join(read_bytes(f"/proc/{name}/cmdline") for name in os.listdir("/proc")
                     if name.isdigit() and name != str(os.getpid()))  # fmt: skip
    if GIVEN["mark"].encode() in lines:
        raise Escaped("its arguments")
    return "nothing"


@attempt("processes", "signal all other processes")
def signal_all():
    return refused(os.kill, -1, 0)


@attempt("launcher", "read /proc/1/mem")
def read_launcher():
    return all_refused(read_bytes, [(f"/proc/1/{name}",) for name in ("mem", "environ", "auxv", "maps")])


@attempt("launcher", "take the launcher's descriptors")
def take_descriptors():
    return refused(os.listdir, "/proc/1/fd")


@attempt("launcher", "end the launcher by a signal")
def end_launcher():
    for number in signal.valid_signals():
        os.kill(1, number)
    if not os.path.exists("/proc/1"):
        raise Escaped("it is gone")
    return "it ignores them"


@attempt("launcher", "find inherited descriptors")
def find_descriptors():
    # One is the listing itself.
    found = [name for name in os.listdir("/proc/self/fd") if int(name) > 2]
    if len(found) > 1:
        raise Escaped(", ".join(found))
    return "none but the standard ones"


@attempt("syscalls", "trace a process")
def trace():
    pid, address = os.getppid(), ctypes.c_void_p(0)
    attach, trace_me = 16, 0
    for request, target in ((attach, pid), (trace_me, 0)):
        if LIBC.ptrace(request, target, address, address) != -1:
            raise Escaped(f"ptrace({request}, {target})")
    return f"ptrace: {errno.errorcode[ctypes.get_errno()]}, reading memory: " + refused(
        call, "process_vm_readv", pid, 0, 0, 0, 0, 0
    )


@attempt("privileges", "mount a file system")
def mount():
    if LIBC.mount(b"none", b"/tmp", b"tmpfs", 0, None) != -1:
        raise Escaped("mount")
    return f"{errno.errorcode[ctypes.get_errno()]}, {refused(call, 'fsopen', b'tmpfs', 0)}"


@attempt("privileges", "make a namespace")
def make_namespace():
    for name, flag in NAMESPACES.items():
        if LIBC.unshare(flag) != -1:
            raise Escaped(f"unshare: {name}")
    return errno.errorcode[ctypes.get_errno()]


@attempt("privileges", "enter the launcher's namespaces")
def enter_namespaces():
    def enter(name):
        fd = os.open(f"/proc/1/ns/{name}", os.O_RDONLY)
        if LIBC.setns(fd, 0) == -1:
            raise OSError(ctypes.get_errno(), "setns")

    return all_refused(enter, [(name,) for name in ("mnt", "net", "pid", "user")])


@attempt("privileges", "become root")
def become_root():
    return all_refused(os.setuid, [(0,)]) + ", " + all_refused(os.setgroups, [([0],)])


@attempt("privileges", "gain privileges by a setuid program")
def setuid_program():
    if LIBC.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1:
        raise Escaped("new privileges can be gained")
    return "no new privileges"


@attempt("privileges", "use a capability")
def use_capability():
    held = {name: bits for name, bits in process_status().items() if name.startswith("Cap")}
    if not held or any(int(bits, 16) for bits in held.values()):
        raise Escaped(str(held))
    with open("owned", "w"):
        pass
    return "none held, chown: " + refused(os.chown, "owned", 0, 0)


@attempt("privileges", "set the clock")
def set_clock():
    import time

    return refused(time.clock_settime, CLOCK_REALTIME, 1.0)


@attempt("syscalls", "use the kernel's keyrings")
def keyrings():
    get_keyring_id, session = 0, -3
    return all_refused(call, [("keyctl", get_keyring_id, session, 0), ("add_key", b"user", b"x", b"y", 1, session)])


@attempt("syscalls", "load programs into the kernel")
def kernel_programs():
    calls = [("bpf", 0, 0, 0), ("perf_event_open", 0, 0, -1, -1, 0), ("userfaultfd", 0), ("io_uring_setup", 1, 0)]
    return all_refused(call, calls)


@attempt("syscalls", "turn off address randomisation")
def personality():
    return refused(call, "personality", 0x0040000)


@attempt("syscalls", "call the kernel by its x32 table")
def x32():
    if COLUMN != 0:
        return "there is none"
    code = in_child(lambda: LIBC.syscall(0x40000000 | 39) > 0)
    if code == 0:
        raise Escaped("getpid answered")
    return "refused" if code == 1 else f"killed by signal {-code}"


@attempt("syscalls", "run without a filter")
def unfiltered():
    mode = process_status().get("Seccomp", "")
    if mode != "2":
        raise Escaped(f"Seccomp: {mode or 'not known'}")
    return "Seccomp: 2"


@attempt("network", "open a socket of any family")
def open_socket():
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW)
    return all_refused(socket.socket, [(family, kind) for family in range(1, 46) for kind in kinds])


@attempt("network", "reach a service of the machine")
def reach_machine():
    return refused(connect, socket.AF_INET, ("127.0.0.1", GIVEN["port"]))


@attempt("network", "reach an abstract socket of the machine")
def reach_abstract():
    return refused(connect, socket.AF_UNIX, "\0" + GIVEN["abstract"])


@attempt("network", "reach the cloud's metadata service")
def reach_metadata():
    return refused(connect, socket.AF_INET, ("169.254.169.254", 80))


@attempt("network", "reach the internet")
def reach_internet():
    return refused(connect, socket.AF_INET, ("192.0.2.1", 80))


@attempt("network", "see network devices")
def see_devices():
    with open("/proc/net/dev") as file:
        devices = {line.split(":")[0].strip() for line in file.readlines()[2:]} - {"lo"}
    if devices:
        raise Escaped(", ".join(devices))
    return "lo alone"


@attempt("environment", "read the service's environment")
def read_environment():
    foreign = set(os.environ) - ALLOWED_VARIABLES
    if foreign:
        raise Escaped(", ".join(sorted(foreign)))
    return "nothing of it"


def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(0.3)
        connection.connect(address)


def process_status():
    with open("/proc/self/status") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def outcome(boundary, name, probe):
    try:
        contained, detail = True, probe()
    except Escaped as escape:
        contained, detail = False, str(escape)
    except OSError as error:
        # Refused earlier than expected.
        contained, detail = True, errno.errorcode.get(error.errno, str(error))
    return {"boundary": boundary, "name": name, "contained": contained, "detail": detail}


print(json.dumps([outcome(*probe) for probe in PROBES]))
