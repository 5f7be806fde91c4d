# Looks for secrets in environments and command lines.
# status: exited
import os

from hostile import held

allowed = {"PATH", "HOME", "LANG", "LC_CTYPE", "USER", "TMPDIR", "PWD", "HOSTILE", "HOSTNAME"}
for name in set(os.environ) - allowed:
    print("ESCAPED variable", name)
for pid in os.listdir("/proc"):
    if not pid.isdigit() or int(pid) == os.getpid():
        continue
    for name in ("environ", "cmdline"):
        try:
            text = open(f"/proc/{pid}/{name}", "rb").read()
        except OSError:
            continue
        if any(word in text for word in (b"SECRET", b"TOKEN", b"API_KEY", b"PASSWORD")):
            print("ESCAPED", pid, name)
held()
