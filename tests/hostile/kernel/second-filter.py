# Replaces the filter by one that allows everything.
# status: exited
import ctypes

from hostile import held, libc, refused, syscall


class Filter(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint16), ("t", ctypes.c_uint8), ("f", ctypes.c_uint8), ("k", ctypes.c_uint32)]


class Program(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint16), ("filter", ctypes.POINTER(Filter))]


allow = Filter(6, 0, 0, 0x7FFF0000)
program = Program(1, ctypes.pointer(allow))
libc.prctl(22, 2, ctypes.byref(program), 0, 0)
libc.prctl(22, 0, 0, 0, 0)
refused("unshare under its own filter", syscall, "unshare", 0x10000000)
refused("ptrace under its own filter", syscall, "ptrace", 16, 1, 0, 0)
held()
