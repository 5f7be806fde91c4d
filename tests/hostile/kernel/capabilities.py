# Takes capabilities and other identities.
# status: exited
import ctypes
import os

from hostile import held, refused, syscall

status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    if int(status[name], 16) != 0:
        print("ESCAPED", name, status[name])
if status["NoNewPrivs"] != "1":
    print("ESCAPED new privileges can be had")
if 0 in (os.getuid(), os.geteuid(), os.getgid(), os.getegid()):
    print("ESCAPED it is root")
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
wanted = (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
refused("capset", syscall, "capset", ctypes.byref(header), ctypes.byref(wanted))
refused("setuid", os.setuid, 0)
refused("setgid", os.setgid, 0)
refused("setresuid", os.setresuid, 0, 0, 0)
refused("setgroups", os.setgroups, [0])
held()
