# Nests directories until it is refused.
# status: exited | memory
# limits: wall=20s cpu=20s disk=16M
import os

from hostile import held

depth = 0
try:
    while depth < 200_000:
        os.mkdir("d")
        os.chdir("d")
        depth += 1
except OSError:
    pass
if depth >= 200_000:
    print("ESCAPED", depth, "directories")
held()
