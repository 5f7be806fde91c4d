# Leaves stopped children that no ordinary signal wakes; the end has to take them along.
# status: exited
import os
import signal
import time

from hostile import held

for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(600)
held()
