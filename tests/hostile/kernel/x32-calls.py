# Makes system calls of the x32 interface, which a filter by number would miss.
# status: exited
# docker: signaled
import ctypes
import platform

from hostile import held, libc

if platform.machine() == "x86_64":
    for number in (101, 165, 272, 41, 310):
        ctypes.set_errno(0)
        if libc.syscall(ctypes.c_long(0x40000000 | number), 0, 0, 0, 0, 0) != -1:
            print("ESCAPED x32 call", number)
held()
