# Attaches to its supervisor and to itself with ptrace.
# status: exited
import os

from hostile import held, refused, syscall

refused("attach to process 1", syscall, "ptrace", 16, 1, 0, 0)
refused("seize process 1", syscall, "ptrace", 0x4206, 1, 0, 0)
refused("attach to the parent", syscall, "ptrace", 16, os.getppid(), 0, 0)
refused("ask to be traced", syscall, "ptrace", 0, 0, 0, 0)
held()
