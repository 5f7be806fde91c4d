# Writes gigabytes to its error output.
# status: output
# limits: output=10K
import os

while True:
    os.write(2, bytes(65536))
