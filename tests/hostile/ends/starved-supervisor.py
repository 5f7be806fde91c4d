# Disturbs its supervisor by everything that two processes of one user may do to each other.
# status: exited
# limits: wall=10s
import os
import resource
import signal

from hostile import held, syscall

attempts = [
    lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
    lambda: os.setpriority(os.PRIO_USER, 0, 19),
    lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
    lambda: os.sched_setaffinity(1, {0}),
    lambda: syscall("ioprio_set", 1, 1, (3 << 13) | 7),
    lambda: resource.prlimit(1, resource.RLIMIT_CPU, (0, 0)),
    lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)),
    lambda: resource.prlimit(1, resource.RLIMIT_FSIZE, (0, 0)),
]
for attempt in attempts:
    try:
        attempt()
    except OSError:
        pass
for _ in range(20_000):
    try:
        os.kill(1, signal.SIGCHLD)
    except OSError:
        break
for _ in range(3):
    if os.fork() == 0:
        while True:
            pass
held()
