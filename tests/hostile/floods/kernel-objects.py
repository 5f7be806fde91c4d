# Collects event descriptors, timers and watches.
# status: exited
import ctypes
import os

from hostile import held, libc

kept = []
for make in (
    lambda: os.eventfd(0),
    lambda: libc.timerfd_create(1, 0),
    lambda: libc.epoll_create1(0),
    lambda: libc.inotify_init1(0),
):
    for _ in range(2000):
        try:
            fd = make()
        except OSError:
            break
        if fd < 0:
            break
        kept.append(fd)
if len(kept) >= 8000:
    print("ESCAPED", len(kept), "descriptors")
for fd in kept:
    os.close(fd)
held()
