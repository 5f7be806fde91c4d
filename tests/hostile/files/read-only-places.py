# Writes where only the machine's owner may.
# status: exited
import os

from hostile import held, refused

for place in ("/", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/etc", "/lib", "/bin", "/opt", "/dev", "/dev/pts",
              "/proc", "/proc/self", "/proc/sys", "/sys", "/var", "/run", "/boot"):
    refused(f"a file in {place}", lambda: os.close(os.open(os.path.join(place, "flow"), os.O_CREAT | os.O_WRONLY)))
refused("/usr/bin/python3 for writing", os.open, "/usr/bin/python3", os.O_WRONLY)
refused("its own program file", os.open, "/proc/self/exe", os.O_WRONLY)
refused("a new name for /usr", os.rename, "/usr", "/usr2")
refused("other permissions for /tmp/..", os.chmod, "/", 0o777)
held()
