# Uses the kernel's key store, which outlives processes and is shared between jails.
# status: exited
from hostile import held, refused, syscall

refused("add_key", syscall, "add_key", b"user", b"flow", b"x", 1, -3)
refused("request_key", syscall, "request_key", b"user", b"flow", None, -3)
refused("session keyring", syscall, "keyctl", 0, -3, 1)
refused("join a keyring", syscall, "keyctl", 1, b"flow")
held()
