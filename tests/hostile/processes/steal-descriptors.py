# Takes descriptors out of its supervisor.
# status: exited
import os

from hostile import held, refused, syscall

for pid in {1, os.getppid()}:
    refused(f"/proc/{pid}/fd", os.listdir, f"/proc/{pid}/fd")
    for fd in range(12):
        refused(f"/proc/{pid}/fd/{fd}", os.open, f"/proc/{pid}/fd/{fd}", os.O_RDWR)
    for name in ("root", "cwd", "exe"):
        refused(f"/proc/{pid}/{name}", os.readlink, f"/proc/{pid}/{name}")
    try:
        handle = syscall("pidfd_open", pid, 0)
    except OSError:
        continue
    for fd in range(12):
        refused(f"descriptor {fd} of {pid}", syscall, "pidfd_getfd", handle, fd, 0)
held()
