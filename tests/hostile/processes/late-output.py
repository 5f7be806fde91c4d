# A grandchild writes after the program has ended.
# status: exited
import os
import time

from hostile import held

held()
if os.fork() == 0:
    os.setsid()
    time.sleep(0.4)
    os.write(1, b"ESCAPED output after the end\n")
    os._exit(0)
