# Sets the clocks of the machine.
# status: exited
import ctypes
import time

from hostile import held, refused, syscall

now = (ctypes.c_long * 2)(0, 0)
refused("the wall clock", time.clock_settime, time.CLOCK_REALTIME, 0)
refused("clock_settime", syscall, "clock_settime", 0, ctypes.byref(now))
refused("settimeofday", syscall, "settimeofday", ctypes.byref(now), None)
held()
