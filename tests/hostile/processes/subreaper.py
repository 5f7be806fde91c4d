# Makes itself the parent of all orphans, so that the supervisor would miss them.
# status: exited
import os
import time

from hostile import held, libc

libc.prctl(36, 1, 0, 0, 0)
for _ in range(5):
    if os.fork() == 0:
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
held()
