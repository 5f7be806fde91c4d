# Looks for network devices and other hosts.
# status: exited
import socket

from hostile import held

for line in open("/proc/net/dev").read().splitlines()[2:]:
    name, numbers = line.split(":")
    if name.strip() != "lo" and any(int(number) for number in numbers.split()):
        print("ESCAPED device", name)
for path in ("/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/arp"):
    try:
        rows = open(path).read().splitlines()[1:]
    except OSError:
        continue
    if rows:
        print("ESCAPED", path, rows[:3])
held()
