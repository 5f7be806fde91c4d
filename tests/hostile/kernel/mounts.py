# Mounts, unmounts and changes its root.
# status: exited
from hostile import held, refused, syscall

for kind in (b"tmpfs", b"proc", b"sysfs", b"devpts", b"overlay", b"cgroup", b"cgroup2", b"fuse"):
    refused(f"mount {kind}", syscall, "mount", b"none", b"/tmp", kind, 0, None)
refused("bind", syscall, "mount", b"/", b"/tmp", None, 4096, None)
refused("remount writable", syscall, "mount", None, b"/", None, 32 | 4096, None)
refused("unmount /tmp", syscall, "umount2", b"/tmp", 2)
refused("unmount /proc", syscall, "umount2", b"/proc", 2)
refused("pivot_root", syscall, "pivot_root", b"/tmp", b"/tmp")
refused("chroot", syscall, "chroot", b"/tmp")
refused("fsopen", syscall, "fsopen", b"tmpfs", 0)
refused("open_tree", syscall, "open_tree", -100, b"/", 1)
refused("move_mount", syscall, "move_mount", -100, b"/usr", -100, b"/tmp", 0)
refused("mount_setattr", syscall, "mount_setattr", -100, b"/", 0, None, 0)
held()
