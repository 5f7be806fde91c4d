# Makes memory that belongs to no process and survives it.
# status: exited
from hostile import held, refused, syscall

refused("shmget", syscall, "shmget", 0x1234, 4096, 0o1666)
refused("msgget", syscall, "msgget", 0x1234, 0o1666)
refused("semget", syscall, "semget", 0x1234, 1, 0o1666)
refused("memfd_create", syscall, "memfd_create", b"x", 0)
held()
