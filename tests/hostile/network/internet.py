# Connects to the internet.
# status: exited
import socket

from hostile import held, refused


def connect(family, kind, address):
    with socket.socket(family, kind) as connection:
        connection.settimeout(0.3)
        connection.connect(address)
        connection.send(b"x")


for address in ("192.0.2.1", "1.1.1.1", "8.8.8.8"):
    for port in (53, 80, 443):
        refused(f"TCP to {address}", connect, socket.AF_INET, socket.SOCK_STREAM, (address, port))
    refused(f"UDP to {address}", connect, socket.AF_INET, socket.SOCK_DGRAM, (address, 53))
refused("TCP over IPv6", connect, socket.AF_INET6, socket.SOCK_STREAM, ("2001:db8::1", 80))
held()
