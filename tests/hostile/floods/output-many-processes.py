# Several processes write gigabytes at once.
# status: output
# limits: output=10K
import os

for _ in range(4):
    os.fork()
while True:
    os.write(1, b"flood" * 10_000)
