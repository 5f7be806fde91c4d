# Returns links, pipes, devices and directories in place of files.
# status: exited
# output: symbolic hard fifo directory socketlike dir/symbolic ../../etc/passwd
# returned: none
import os

from hostile import held

os.symlink("/etc/passwd", "symbolic")
try:
    os.link("/usr/bin/env", "hard")
except OSError:
    pass
os.mkfifo("fifo")
os.mkdir("directory")
os.symlink("/dev/zero", "socketlike")
os.symlink("/etc", "dir")
held()
