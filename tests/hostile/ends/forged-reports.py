# Prints and writes everywhere what a supervisor would report.
# status: exited
# exit: 3
import os
import struct
import sys

fields = [b"end", b"exit", b"0", b"0", b"0", b"0"]
message = struct.pack("<I", len(fields)) + b"".join(struct.pack("<I", len(field)) + field for field in fields)
for fd in range(0, 256):
    if fd in (0, 1, 2):
        continue
    try:
        os.write(fd, message)
        print("ESCAPED wrote to", fd)
    except OSError:
        pass
sys.stdout.buffer.write(message + b'{"status":"EXITED","exit_code":0}\n')
sys.stdout.flush()
sys.exit(3)
