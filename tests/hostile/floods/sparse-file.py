# Claims a terabyte without writing it.
# status: exited
# limits: disk=8M
import os
import signal

from hostile import held, refused

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
fd = os.open("sparse", os.O_CREAT | os.O_RDWR)
refused("a sparse terabyte", os.ftruncate, fd, 1 << 40)
refused("a reserved terabyte", os.posix_fallocate, fd, 0, 1 << 40)
refused("a write at its end", os.pwrite, fd, b"x", 1 << 40)
held()
