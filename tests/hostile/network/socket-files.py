# Connects to sockets of the machine's services.
# status: exited
import socket

from hostile import bait, held, refused


def connect(path):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)


for path in (bait["socket"], "/var/run/docker.sock", "/run/docker.sock", "/run/dbus/system_bus_socket",
             "/run/systemd/private", "/run/containerd/containerd.sock", "/var/run/postgresql/.s.PGSQL.5432"):
    refused(path, connect, path)
held()
