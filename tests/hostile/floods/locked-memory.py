# Locks memory, so that the machine can't page it out.
# status: exited
import ctypes
import mmap

from hostile import held, libc

block = mmap.mmap(-1, 32 << 20)
address = ctypes.addressof(ctypes.c_char.from_buffer(block))
if libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(len(block))) == 0:
    print("ESCAPED 32 MiB are locked")
held()
