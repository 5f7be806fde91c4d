# Ignores every signal that can be ignored.
# status: wall
# limits: wall=300ms
import signal
import time

for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    time.sleep(60)
