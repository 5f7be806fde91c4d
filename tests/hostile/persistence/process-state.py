# Changes what a process hands on to those that it makes.
# status: exited
# runs: 2
import locale
import os
import resource
import signal
import sys
import time

from hostile import held

if os.umask(0o077) == 0o077 and os.getpriority(os.PRIO_PROCESS, 0) == 7:
    print("ESCAPED the mask and the priority")
if signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN or sys.getrecursionlimit() == 777:
    print("ESCAPED settings")
if os.environ.get("FLOW_LEFT") or os.getcwd() == "/usr" or resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 77:
    print("ESCAPED the environment")
os.setpriority(os.PRIO_PROCESS, 0, 7)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
sys.setrecursionlimit(777)
os.environ["FLOW_LEFT"] = "1"
os.putenv("FLOW_LEFT", "1")
os.chdir("/usr")
resource.setrlimit(resource.RLIMIT_NOFILE, (77, 77))
held()
