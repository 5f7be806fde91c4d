# Writes gigabytes to its output.
# status: output
# limits: output=10K
import os

while True:
    os.write(1, bytes(65536))
