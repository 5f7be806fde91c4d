# Makes empty files until it is refused.
# status: exited | memory
# limits: wall=20s cpu=20s disk=16M
import os

from hostile import held

made = 0
try:
    while made < 200_000:
        os.close(os.open(f"f{made}", os.O_CREAT | os.O_WRONLY))
        made += 1
except OSError:
    pass
if made >= 200_000:
    print("ESCAPED", made, "files")
held()
