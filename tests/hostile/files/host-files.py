# Reads what belongs to the machine or to other users.
# status: exited
import os

from hostile import bait, held, refused, read

for path in (bait["file"], "/etc/shadow", "/etc/passwd-", "/etc/ssh/ssh_host_rsa_key", "/root/.ssh/id_rsa",
             "/root/.bash_history", "/var/log/syslog", "/var/lib/dpkg/status", "/proc/1/root/etc/shadow",
             "/proc/self/root/etc/shadow", "/proc/self/root" + bait["file"], "/tmp/../.." + bait["file"]):
    refused(path, read, path)
for path in ("/root", "/home", "/var/lib", "/srv", "/mnt", "/boot", os.path.dirname(bait["file"])):
    try:
        names = os.listdir(path)
    except OSError:
        continue
    if names and path != "/tmp":
        print("ESCAPED", path, "holds", names[:5])
held()
