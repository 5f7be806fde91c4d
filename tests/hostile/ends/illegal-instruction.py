# Runs into a fault of the machine.
# status: signaled
import ctypes

ctypes.string_at(0)
