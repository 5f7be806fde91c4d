# The main thread ends, another never does.
# status: wall
# limits: wall=300ms
import threading

threading.Thread(target=threading.Event().wait).start()
