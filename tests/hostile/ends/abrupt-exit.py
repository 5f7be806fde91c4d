# Ends without any of Python's own ends, from a thread, with output unwritten.
# status: exited
# exit: 7
import os
import threading

threading.Thread(target=lambda: os._exit(7)).start()
threading.Event().wait(5)
