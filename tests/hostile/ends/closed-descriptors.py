# Closes every descriptor and goes on.
# status: wall
# limits: wall=300ms
import os
import time

os.closerange(0, 4096)
while True:
    time.sleep(60)
