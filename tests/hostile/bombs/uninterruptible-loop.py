# A loop inside one call of C code, where Python's own signal handlers never run.
# status: cpu
# limits: cpu=300ms
import signal

signal.signal(signal.SIGXCPU, lambda *_: None)
sum(range(10**12))
