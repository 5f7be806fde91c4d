# Makes hard links and symbolic links until it is refused.
# status: exited | memory
# limits: wall=20s cpu=20s disk=16M
import os

from hostile import held

open("file", "w").close()
made = 0
try:
    while made < 200_000:
        os.symlink("x" * 200, f"s{made}")
        os.link("file", f"h{made}")
        made += 1
except OSError:
    pass
if made >= 200_000:
    print("ESCAPED", made, "links")
held()
