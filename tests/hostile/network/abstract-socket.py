# Connects to an abstract unix socket, which no file system hides.
# status: exited
import socket

from hostile import bait, held, refused


def connect():
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect("\0" + bait["abstract"])
        return connection.recv(100)


refused("an abstract socket", connect)
held()
