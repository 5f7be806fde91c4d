# Leaves named shared memory, semaphores and queues.
# status: exited
# runs: 2
import ctypes
import mmap
import os

from hostile import held, libc

try:
    fd = os.open("/dev/shm/flow-left", os.O_CREAT | os.O_EXCL | os.O_RDWR)
    os.ftruncate(fd, 4096)
    mmap.mmap(fd, 4096).write(b"left")
except FileExistsError:
    print("ESCAPED shared memory")
except OSError:
    pass
try:
    librt = ctypes.CDLL("librt.so.1", use_errno=True)
except OSError:
    librt = libc
for make in (lambda: librt.mq_open(b"/flow-left", 0o302, 0o600, None), lambda: libc.shm_open(b"/flow-left2", 0o302, 0o600)):
    ctypes.set_errno(0)
    if make() < 0 and ctypes.get_errno() == 17:
        print("ESCAPED a named object")
held()
