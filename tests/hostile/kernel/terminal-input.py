# Types into the terminal of whoever started it.
# status: exited
import fcntl
import os

from hostile import held, refused

for fd in range(3):
    refused(f"TIOCSTI on {fd}", fcntl.ioctl, fd, 0x5412, b"x")
    refused(f"TIOCLINUX on {fd}", fcntl.ioctl, fd, 0x541C, b"\x02")
refused("its controlling terminal", os.open, "/dev/tty", os.O_RDWR)
held()
