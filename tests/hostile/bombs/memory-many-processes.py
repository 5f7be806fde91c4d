# Spreads more memory than the limit over processes that each stay below it.
# status: memory
# limits: memory=96M
import os
import time

for _ in range(16):
    if os.fork() == 0:
        block = bytearray(os.urandom(1 << 20) * 20)
        time.sleep(5)
        os._exit(0)
time.sleep(5)
