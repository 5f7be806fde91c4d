"""What the hostile programs beside this file share.

Each tries something that must not work. What gets through prints a line that
begins with ESCAPED; a program that came to its end prints "held" last, so that
one that broke early is not taken for one that was contained.
"""
import ctypes
import json
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)

# What the test put in the way: a port of this machine, names of sockets and
# files outside of the jail, the mark of a neighbour's process.
bait = json.loads(os.environ.get("HOSTILE", "{}"))

# Numbers of system calls on x86-64 and on 64-bit ARM.
_CALLS = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "clone": (56, 220),
    "clone3": (435, 435),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "personality": (135, 92),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "memfd_create": (319, 279),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "acct": (163, 89),
    "syslog": (103, 116),
    "quotactl": (179, 60),
    "sethostname": (170, 161),
    "clock_settime": (227, 112),
    "settimeofday": (164, 170),
    "adjtimex": (159, 171),
    "capset": (126, 91),
    "sched_setscheduler": (144, 119),
    "ioprio_set": (251, 30),
    "mknodat": (259, 33),
    "seccomp": (317, 277),
}


def syscall(name, *args):
    """A system call by name; raises OSError where it fails."""
    number = _CALLS[name][0 if platform.machine() == "x86_64" else 1]
    result = libc.syscall(ctypes.c_long(number), *args)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def refused(what, action, *args):
    """Runs what has to fail, and says so where it does not."""
    try:
        result = action(*args)
    except (OSError, ValueError):
        return True
    print("ESCAPED", what, repr(result)[:200], flush=True)
    return False


def read(path, size=1 << 16):
    """The first bytes of a file."""
    with open(path, "rb") as file:
        return file.read(size)


def write(path, data=b"x"):
    """Writes to a file that may exist."""
    with open(path, "ab", 0) as file:
        return file.write(data)


def held():
    """The program came to its end."""
    print("held", flush=True)
