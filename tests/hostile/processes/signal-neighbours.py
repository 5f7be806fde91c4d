# Sends signals to every process number that a neighbour could have.
# status: exited
# limits: cpu=20s wall=20s
import os
import signal

from hostile import held

mine = {os.getpid(), 1, os.getppid(), 0}
hit = []
for pid in range(2, 100_000):
    if pid in mine:
        continue
    try:
        os.kill(pid, signal.SIGKILL)
        hit.append(pid)
    except ProcessLookupError:
        pass
    except PermissionError:
        hit.append(pid)
if len(hit) > 1:
    print("ESCAPED signals to", hit[:10])
held()
