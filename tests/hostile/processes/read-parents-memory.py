# Reads and writes memory of its supervisor.
# status: exited
import ctypes
import os

from hostile import held, read, refused, syscall, write

buffer = ctypes.create_string_buffer(16)


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


mine = Vector(ctypes.addressof(buffer), 16)
theirs = Vector(ctypes.addressof(buffer), 16)
for pid in {1, os.getppid()}:
    for call in ("process_vm_readv", "process_vm_writev"):
        refused(f"{call} of {pid}", syscall, call, pid, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)
    for name in ("mem", "maps", "environ", "auxv", "stack"):
        refused(f"/proc/{pid}/{name}", read, f"/proc/{pid}/{name}", 16)
    refused(f"/proc/{pid}/mem", write, f"/proc/{pid}/mem")
held()
