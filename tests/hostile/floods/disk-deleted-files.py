# Holds deleted files open, which no listing shows.
# status: exited | memory
# limits: disk=8M
import os

from hostile import held

kept = []
total = 0
try:
    while total < 64 << 20:
        file = open("gone", "wb", 0)
        os.unlink("gone")
        kept.append(file)
        total += file.write(bytes(1 << 20))
except OSError:
    pass
if total > 20 << 20:
    print("ESCAPED", total, "bytes written")
held()
