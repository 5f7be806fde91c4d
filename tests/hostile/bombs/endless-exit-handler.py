# Ends, but for an exit handler that does not.
# status: wall
# limits: wall=300ms
import atexit
import time

atexit.register(lambda: time.sleep(600))
