# Makes and opens devices.
# status: exited
import os
import stat

from hostile import held, refused

refused("a memory device", os.mknod, "mem", stat.S_IFCHR | 0o666, os.makedev(1, 1))
refused("a disk", os.mknod, "disk", stat.S_IFBLK | 0o666, os.makedev(8, 0))
for name in ("mem", "kmem", "port", "kmsg", "sda", "vda", "nvme0n1", "loop0", "loop-control", "fuse", "kvm",
             "net/tun", "vhost-net", "uinput", "snapshot", "vsock", "rtc0", "nvidia0", "dri/card0"):
    refused(f"/dev/{name}", os.open, f"/dev/{name}", os.O_RDONLY)
for name in sorted(os.listdir("/dev")):
    if name not in {"null", "zero", "full", "random", "urandom", "tty", "console", "ptmx", "pts", "shm", "mqueue",
                    "fd", "stdin", "stdout", "stderr", "core"}:
        print("ESCAPED device", name)
held()
