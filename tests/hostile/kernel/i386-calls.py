# Makes a system call of the 32-bit interface from machine code.
# status: signaled | exited
import ctypes
import mmap
import platform

from hostile import held

if platform.machine() == "x86_64":
    # mov eax, 20 (getpid); int 0x80; ret
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    if call() > 0:
        print("ESCAPED the 32-bit interface answers")
held()
