# Queues real-time signals to itself without end.
# status: exited
import ctypes
import os
import signal

from hostile import held, libc

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
queued = 0
while queued < 100_000 and libc.sigqueue(os.getpid(), int(signal.SIGRTMIN), ctypes.c_void_p(0)) == 0:
    queued += 1
if queued >= 100_000:
    print("ESCAPED", queued, "signals")
held()
