# Makes and buries processes as fast as it can, to run through process numbers.
# status: wall
# limits: wall=800ms cpu=20s processes=32
import os

while True:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
