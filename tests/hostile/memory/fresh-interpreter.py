# Looks for traces of whoever prepared its interpreter.
# status: exited
import sys
import threading

from hostile import held

frame = sys._getframe().f_back
while frame is not None:
    for name in ("request", "token", "secret", "socket", "control", "tests", "expected"):
        if name in frame.f_locals and name != "request":
            print("ESCAPED", name, "in a frame of", frame.f_code.co_filename)
    frame = frame.f_back
if threading.active_count() != 1:
    print("ESCAPED", threading.active_count(), "threads")
for name in ("grpc", "requests", "pytest", "_pytest", "unittest.case", "doctest"):
    if name in sys.modules:
        print("ESCAPED module", name)
held()
