# Hides CPU time in processes that end before anybody looks.
# status: cpu
# limits: cpu=400ms wall=8s
import os

while True:
    pid = os.fork()
    if pid == 0:
        sum(range(20_000))
        os._exit(0)
    os.waitpid(pid, 0)
