# Reaches beyond itself with a socket of every family and kind.
# status: exited
import socket

from hostile import bait, held

made = []
for family in range(46):
    for kind in (1, 2, 3, 5):
        try:
            made.append(socket.socket(family, kind))
        except OSError:
            continue
# Where a jail has an empty network of its own, a socket may be made and leads nowhere.
for each in made:
    each.settimeout(0.2)
    for address in (("127.0.0.1", bait["port"]), "\0" + bait["abstract"], (2, 1), (0, 0)):
        try:
            each.connect(address)
            if each.family not in (socket.AF_NETLINK, socket.AF_UNIX) and each.type == socket.SOCK_STREAM:
                print("ESCAPED family", each.family, "reached", address)
        except (OSError, TypeError, ValueError, OverflowError):
            pass
held()
