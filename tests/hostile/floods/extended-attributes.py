# Stores data in attributes of files, beside what is counted as their size.
# status: exited | memory
# limits: memory=96M disk=8M
import os

from hostile import held

stored = 0
try:
    for index in range(20_000):
        open(f"f{index}", "w").close()
        os.setxattr(f"f{index}", "user.fill", bytes(60_000))
        stored += 60_000
except OSError:
    pass
if stored > 200 << 20:
    print("ESCAPED", stored, "bytes in attributes")
held()
