# Becomes another program.
# status: exited
import os
import sys

os.execv(sys.executable or "/usr/bin/python3", ["python3", "-c", "print('held')"])
