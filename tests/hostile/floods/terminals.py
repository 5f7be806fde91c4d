# Opens pseudo terminals until it is refused.
# status: exited
import os

from hostile import held

kept = []
try:
    while len(kept) < 4000:
        kept += os.openpty()
except OSError:
    pass
if len(kept) >= 4000:
    print("ESCAPED", len(kept), "terminals")
for fd in kept:
    os.close(fd)
held()
