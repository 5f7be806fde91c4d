# Fills the buffers of as many and as large pipes as it gets.
# status: exited | memory
# limits: memory=96M
import fcntl
import os

from hostile import held

kept = []
try:
    while len(kept) < 5000:
        reading, writing = os.pipe()
        kept += [reading, writing]
        try:
            fcntl.fcntl(writing, 1031, 1 << 20)
        except OSError:
            pass
        os.set_blocking(writing, False)
        try:
            while True:
                os.write(writing, bytes(65536))
        except BlockingIOError:
            pass
except OSError:
    pass
for fd in kept:
    os.close(fd)
held()
