# Leaves children that nobody waits for.
# status: exited
# limits: processes=32
import os

from hostile import held

for _ in range(25):
    if os.fork() == 0:
        os._exit(0)
held()
