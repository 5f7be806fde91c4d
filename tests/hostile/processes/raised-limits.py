# Raises its own limits and those of others.
# status: exited
import os
import resource

from hostile import held, refused

unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
for name in ("CPU", "DATA", "FSIZE", "NOFILE", "NPROC", "CORE", "MEMLOCK", "MSGQUEUE", "SIGPENDING"):
    limit = getattr(resource, f"RLIMIT_{name}")
    refused(f"RLIMIT_{name}", resource.setrlimit, limit, unlimited)
    refused(f"RLIMIT_{name} of process 1", resource.prlimit, 1, limit, unlimited)
held()
