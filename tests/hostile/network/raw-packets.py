# Sends and sees raw packets.
# status: exited
import socket

from hostile import held, refused

refused("packets of every kind", socket.socket, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
refused("raw IP", socket.socket, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
refused("raw IPv6", socket.socket, socket.AF_INET6, socket.SOCK_RAW, 58)
held()
