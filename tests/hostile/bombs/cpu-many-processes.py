# Spreads more CPU time than the limit over processes that each stay below it.
# status: cpu
# limits: cpu=400ms
import os

os.fork()
os.fork()
os.fork()
while True:
    pass
