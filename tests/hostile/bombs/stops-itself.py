# Stops itself and all of its group, so that it never sees a signal again.
# status: wall
# limits: wall=300ms
import os
import signal

os.kill(0, signal.SIGSTOP)
