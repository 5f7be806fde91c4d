# Calls into large and rarely needed parts of the kernel.
# status: exited
import ctypes

from hostile import held, refused, syscall

zeros = ctypes.create_string_buffer(256)
for name, args in {
    "bpf": (0, zeros, 128),
    "perf_event_open": (zeros, 0, -1, -1, 0),
    "userfaultfd": (0,),
    "io_uring_setup": (8, zeros),
    "personality": (0x0040000,),
    "fanotify_init": (0, 0),
    "name_to_handle_at": (-100, b"/", zeros, zeros, 0),
    "open_by_handle_at": (-100, zeros, 0),
    "kcmp": (1, 1, 0, 0, 0),
    "reboot": (0xFEE1DEAD, 672274793, 0, None),
    "kexec_load": (0, 0, None, 0),
    "init_module": (zeros, 0, b""),
    "finit_module": (0, b"", 0),
    "delete_module": (b"loop", 0),
    "swapon": (b"/tmp/swap", 0),
    "acct": (b"/tmp/acct",),
    "syslog": (3, zeros, 256),
    "quotactl": (0, None, 0, None),
    "sethostname": (b"mine", 4),
}.items():
    refused(name, syscall, name, *args)
held()
