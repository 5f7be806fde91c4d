# Leaves output files that are too large to be returned.
# status: exited
# limits: disk=64M
# output: huge.bin many/0
import os

from hostile import held

with open("huge.bin", "wb") as file:
    file.truncate(48 << 20)
os.mkdir("many")
open("many/0", "w").close()
held()
