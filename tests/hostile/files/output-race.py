# Exchanges an output file for a link while the program ends.
# status: exited
# output: swapped
import os
import time

from hostile import held

open("plain", "w").write("mine")
os.symlink("/etc/passwd", "link")
if os.fork() == 0:
    os.setsid()
    end = time.monotonic() + 3
    while time.monotonic() < end:
        os.rename("plain", "swapped")
        os.rename("swapped", "plain")
        os.rename("link", "swapped")
        os.rename("swapped", "link")
    os._exit(0)
time.sleep(0.1)
held()
