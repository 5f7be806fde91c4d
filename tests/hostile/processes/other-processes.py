# Looks for processes that are not its own.
# status: exited
import os

from hostile import bait, held

seen = [name for name in os.listdir("/proc") if name.isdigit()]
if len(seen) > 3:
    print("ESCAPED processes", seen)
for name in seen:
    try:
        line = open(f"/proc/{name}/cmdline").read()
    except OSError:
        continue
    if bait["mark"] in line:
        print("ESCAPED the neighbour is", name)
held()
