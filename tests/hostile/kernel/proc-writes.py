# Writes to the kernel's settings.
# status: exited
from hostile import held, refused, write

for path in (
    "/proc/sysrq-trigger",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/ns_last_pid",
    "/proc/sys/kernel/yama/ptrace_scope",
    "/proc/sys/kernel/unprivileged_userns_clone",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sys/vm/drop_caches",
    "/proc/sys/fs/file-max",
    "/proc/sys/fs/protected_symlinks",
    "/proc/sys/user/max_user_namespaces",
    "/proc/self/uid_map",
    "/proc/self/gid_map",
    "/proc/self/setgroups",
    "/proc/1/oom_score_adj",
    "/proc/1/uid_map",
    "/proc/irq/0/smp_affinity",
    "/proc/mtrr",
):
    refused(path, write, path, b"1")
held()
