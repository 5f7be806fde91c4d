# Takes real-time priority and other processes' share of the machine.
# status: exited
import os
import struct

from hostile import held, refused, syscall, write

refused("real-time priority", os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(10))
refused("round robin", os.sched_setscheduler, 0, os.SCHED_RR, os.sched_param(10))
refused("a better nice value", os.nice, -5)
refused("real-time input and output", syscall, "ioprio_set", 1, 0, (1 << 13) | 0)
refused("scheduling of process 1", os.setpriority, os.PRIO_PROCESS, 1, -5)
refused("protection from the memory killer", write, "/proc/self/oom_score_adj", b"-1000")
held()
