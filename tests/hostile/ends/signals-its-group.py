# Ends its whole group by a signal, itself last.
# status: signaled
import os
import signal

for _ in range(3):
    if os.fork() == 0:
        signal.pause()
os.killpg(0, signal.SIGKILL)
