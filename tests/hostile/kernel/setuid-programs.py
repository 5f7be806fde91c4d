# Runs programs that would give it another identity.
# status: exited
import os
import shutil
import subprocess

from hostile import held

for program, *args in (["su", "-c", "id"], ["passwd", "-S", "root"], ["mount"], ["newgrp"], ["sudo", "-n", "id"], ["pkexec", "id"]):
    path = shutil.which(program)
    if path is None:
        continue
    done = subprocess.run([path, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=5)
    if "uid=0" in done.stdout:
        print("ESCAPED", program, done.stdout)
shutil.copy("/usr/bin/id", "id")
try:
    os.chmod("id", 0o6755)
except OSError:
    pass
for path in ("./id", "/usr/bin/id"):
    try:
        done = subprocess.run([path, "-u"], capture_output=True, text=True)
    except OSError:
        continue
    if done.stdout.strip() == "0":
        print("ESCAPED", path)
held()
