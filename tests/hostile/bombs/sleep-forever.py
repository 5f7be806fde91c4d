# Does nothing, for long.
# status: wall
# limits: wall=300ms
import time

while True:
    time.sleep(60)
