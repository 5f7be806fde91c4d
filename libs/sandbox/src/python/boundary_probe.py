"""Tries to get out of a jail and prints, for each boundary, whether it held."""
import ctypes
import json
import os
import socket

ALLOWED_VARIABLES = {"PATH", "HOME", "LANG", "LC_CTYPE", "USER", "TMPDIR", "PWD"}
CLONE_NEWUSER = 0x10000000
CLONE_NEWNS = 0x20000


def fails(action, *args):
    """Whether an action is refused."""
    try:
        action(*args)
    except OSError:
        return True
    return False


def network():
    def reach(address):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
            connection.settimeout(0.2)
            connection.connect(address)

    def resolve():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
            connection.sendto(b"x", ("192.0.2.1", 53))

    with open("/proc/net/dev") as file:
        devices = [line.split(":")[0].strip() for line in file.readlines()[2:]]
    loopback_only = all(name == "lo" for name in devices)
    return loopback_only and fails(reach, ("192.0.2.1", 80)) and fails(reach, ("169.254.169.254", 80)) and fails(resolve)


def filesystem():
    places = ["/", "/usr", "/usr/bin", "/etc", "/dev", "/lib", "/proc", "/proc/sys/kernel"]
    writable = [place for place in places if not fails(open, os.path.join(place, "flow-probe"), "w")]
    hidden = not any(os.path.exists(place) for place in ["/root", "/home", "/var", "/sys", "/run"])
    return not writable and hidden


def environment():
    return set(os.environ) <= ALLOWED_VARIABLES


def processes():
    seen = [name for name in os.listdir("/proc") if name.isdigit()]
    return os.getppid() == 1 and set(seen) == {"1", str(os.getpid())}


def privileges():
    with open("/proc/self/status") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    libc = ctypes.CDLL(None)
    bare = all(int(status[name], 16) == 0 for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb"))
    stuck = libc.unshare(CLONE_NEWUSER) != 0 and libc.unshare(CLONE_NEWNS) != 0
    unmounted = libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) != 0
    return bare and status["NoNewPrivs"] == "1" and stuck and unmounted and fails(os.setuid, 0)


def launcher():
    hidden = fails(os.listdir, "/proc/1/fd") and fails(open, "/proc/1/mem", "rb") and fails(open, "/proc/1/environ")
    try:
        os.kill(1, 9)
    except OSError:
        pass
    return hidden and os.path.exists("/proc/1")


def syscalls():
    with open("/proc/self/status") as file:
        return "Seccomp:\t2" in file.read()


def held(probe):
    try:
        return probe()
    except OSError:
        return True  # refused earlier than expected


PROBES = [network, filesystem, environment, processes, privileges, launcher, syscalls]
print(json.dumps({probe.__name__: held(probe) for probe in PROBES}))
