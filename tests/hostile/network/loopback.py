# Connects to a service of the machine that it runs on.
# status: exited
import socket

from hostile import bait, held, refused


def connect(host):
    with socket.create_connection((host, bait["port"]), timeout=0.3) as connection:
        return connection.recv(100)


for host in ("127.0.0.1", "127.1.2.3", "0.0.0.0", "::1", "localhost"):
    refused(host, connect, host)
held()
