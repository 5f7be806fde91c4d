# Looks for files of executions that run beside it.
# status: exited
import glob
import os

from hostile import bait, held

found = set(os.listdir("/tmp")) - {"work", "main.py", "hostile.py"}
found |= set(os.listdir("/tmp/work")) - {"main.py", "hostile.py", "__pycache__"}
if os.path.isdir("/dev/shm"):
    found |= set(os.listdir("/dev/shm"))
if found:
    print("ESCAPED", sorted(found))
for path in glob.glob("/proc/*/root/tmp/work/*") + glob.glob("/proc/*/cwd/*"):
    try:
        text = open(path, "rb").read()
    except OSError:
        continue
    if bait["neighbour"].encode() in text and not path.startswith(("/proc/self/", f"/proc/{os.getpid()}/")):
        print("ESCAPED", path)
held()
