# Exchanges the folder above an output file for a link to the machine's files.
# status: exited
# output: folder/passwd
import os
import time

from hostile import held

os.mkdir("real")
open("real/passwd", "w").write("mine")
os.symlink("/etc", "link")
if os.fork() == 0:
    os.setsid()
    end = time.monotonic() + 3
    while time.monotonic() < end:
        os.rename("real", "folder")
        os.rename("folder", "real")
        os.rename("link", "folder")
        os.rename("folder", "link")
    os._exit(0)
time.sleep(0.1)
held()
