# Uses every descriptor that it did not open itself.
# status: exited
import os
import struct

from hostile import held

fields = [b"end", b"exit", b"0", b"0", b"0", b"0"]
forged = struct.pack("<I", len(fields)) + b"".join(struct.pack("<I", len(f)) + f for f in fields)
for fd in range(3, 1024):
    try:
        target = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        continue
    if target.startswith(f"/proc/{os.getpid()}/fd"):
        continue
    print("ESCAPED inherited descriptor", fd, target)
    try:
        os.write(fd, forged)
    except OSError:
        pass
held()
