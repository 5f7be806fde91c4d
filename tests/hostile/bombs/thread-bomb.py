# Starts threads until it is refused.
# status: exited
# limits: processes=32
import threading
from hostile import held

stop = threading.Event()
started = 0
try:
    while started < 500:
        threading.Thread(target=stop.wait, daemon=True).start()
        started += 1
except RuntimeError:
    pass
if started >= 500:
    print("ESCAPED", started, "threads")
stop.set()
held()
