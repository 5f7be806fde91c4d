# Leaves files for the next execution to find.
# status: exited
# runs: 2
import glob
import os

from hostile import held

places = ("/tmp", "/tmp/work", "/dev/shm", "/dev/mqueue", "/var/tmp", "/run", os.path.expanduser("~"), "/dev")
for place in places:
    if glob.glob(os.path.join(place, "flow-left*")):
        print("ESCAPED in", place)
for place in places:
    try:
        open(os.path.join(place, "flow-left"), "w").write("x")
    except OSError:
        pass
held()
