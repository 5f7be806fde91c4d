# Reads what the kernel tells about the machine.
# status: exited
from hostile import held, refused, read

for path in ("/proc/kcore", "/proc/kmsg", "/proc/kpagecount", "/proc/vmallocinfo", "/proc/slabinfo", "/proc/1/syscall"):
    refused(path, read, path, 16)
held()
