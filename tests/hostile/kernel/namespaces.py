# Makes and enters namespaces.
# status: exited
import os

from hostile import held, refused, syscall

KINDS = {
    "user": 0x10000000,
    "mount": 0x20000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "ipc": 0x8000000,
    "uts": 0x4000000,
    "cgroup": 0x2000000,
}
for name, flag in KINDS.items():
    refused(f"unshare {name}", syscall, "unshare", flag)
    refused(f"unshare user and {name}", syscall, "unshare", flag | 0x10000000)
    # 17 is SIGCHLD; a child that is made would return here too.
    refused(f"clone {name}", syscall, "clone", flag | 17, 0, 0, 0, 0)
for name in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup"):
    for pid in ("1", "self"):
        try:
            fd = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
        except OSError:
            continue
        refused(f"enter {name} of {pid}", syscall, "setns", fd, 0)
held()
