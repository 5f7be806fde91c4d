# Kills and stops everything that it can see.
# status: exited
import os
import signal

from hostile import held

for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV):
    for pid in [1, -1, os.getppid()]:
        try:
            os.kill(pid, number)
        except OSError:
            pass
held()
