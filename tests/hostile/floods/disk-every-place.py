# Fills every place that it can write to; together they hold what the limit says.
# status: exited | memory
# limits: disk=8M
import os

from hostile import held

total = 0
for place in ("/tmp", "/tmp/work", "/dev/shm", "/work", "/var/tmp", "/run", "/home", "/dev", "/mnt"):
    try:
        with open(os.path.join(place, "fill"), "wb", 0) as file:
            while total < 64 << 20:
                total += file.write(bytes(65536))
    except OSError:
        pass
if total > 20 << 20:
    print("ESCAPED", total, "bytes written")
held()
