# Fills the buffers of as many socket pairs as it gets.
# status: exited | memory
# limits: memory=96M
import socket

from hostile import held

kept = []
try:
    while len(kept) < 5000:
        pair = socket.socketpair()
        kept.append(pair)
        pair[0].setblocking(False)
        try:
            while True:
                pair[0].send(bytes(65536))
        except BlockingIOError:
            pass
except OSError:
    pass
kept.clear()
held()
