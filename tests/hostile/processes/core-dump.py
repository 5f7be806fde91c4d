# Dumps core.
# status: signaled
import os
import resource

try:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print("ESCAPED core limit raised")
except (OSError, ValueError):
    pass
os.abort()
