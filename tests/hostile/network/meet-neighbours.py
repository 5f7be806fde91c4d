# Opens a port and a name by which another execution could be met.
# status: exited
# runs: 2 at once
import socket
import time

from hostile import held

servers = []
for family, address in ((socket.AF_INET, ("127.0.0.1", 47_831)), (socket.AF_UNIX, "\0flow-meeting-place")):
    try:
        server = socket.socket(family)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(address)
        server.listen()
        servers.append(server)
    except OSError as error:
        if error.errno == 98:
            print("ESCAPED somebody else holds", address)
time.sleep(0.3)
held()
