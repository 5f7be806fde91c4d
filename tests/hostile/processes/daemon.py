# Becomes a daemon and goes on after the program has ended.
# status: exited
import os
import time

from hostile import held

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3):
            os.close(fd)
        time.sleep(600)
    os._exit(0)
held()
