# Forks without end.
# status: wall
# limits: wall=800ms cpu=20s processes=32
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
