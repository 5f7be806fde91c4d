# Makes a namespace by clone3, whose flags lie in memory that a filter can't read.
# status: exited
import ctypes

from hostile import held, refused, syscall

arguments = (ctypes.c_uint64 * 11)(0x10000000 | 0x20000)
arguments[4] = 17
refused("clone3", syscall, "clone3", ctypes.byref(arguments), ctypes.sizeof(arguments))
held()
