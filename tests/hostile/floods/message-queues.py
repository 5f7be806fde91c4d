# Makes POSIX message queues, which are kernel memory.
# status: exited
import ctypes

from hostile import held, libc

try:
    librt = ctypes.CDLL("librt.so.1", use_errno=True)
except OSError:
    librt = libc
made = 0
for index in range(2000):
    if librt.mq_open(f"/flow{index}".encode(), 0o102, 0o600, None) < 0:
        break
    made += 1
if made >= 100:
    print("ESCAPED", made, "queues")
held()
