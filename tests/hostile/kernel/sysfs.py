# Reads and writes the machine's devices and control groups.
# status: exited
import os

from hostile import held, refused, write

for path in (
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/sys/power/state",
    "/sys/kernel/uevent_helper",
    "/sys/fs/cgroup/cgroup.procs",
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    "/sys/fs/cgroup/pids/pids.max",
    "/sys/fs/cgroup/devices/devices.allow",
    "/sys/module/kernel/parameters/panic",
):
    refused(path, write, path, b"1")
refused("a control group of its own", os.mkdir, "/sys/fs/cgroup/mine")
refused("/sys/kernel/debug", os.listdir, "/sys/kernel/debug")
held()
