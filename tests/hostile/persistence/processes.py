# Leaves a process that waits for the next execution.
# status: exited
# runs: 2
import os
import time

from hostile import held

seen = [name for name in os.listdir("/proc") if name.isdigit()]
for name in seen:
    try:
        if "flow-left-process" in open(f"/proc/{name}/cmdline").read() and int(name) != os.getpid():
            print("ESCAPED process", name)
    except OSError:
        pass
if os.fork() == 0:
    os.setsid()
    os.execv("/usr/bin/python3", ["flow-left-process", "-c", "import time; time.sleep(600)"])
time.sleep(0.1)
held()
