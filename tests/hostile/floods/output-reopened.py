# Opens its output anew by every path that leads to it.
# status: output
# limits: output=10K
import os

opened = [1]
for path in ("/proc/self/fd/1", "/dev/stdout", "/dev/fd/1"):
    try:
        opened.append(os.open(path, os.O_WRONLY))
    except OSError:
        pass
while True:
    for fd in opened:
        os.write(fd, bytes(65536))
