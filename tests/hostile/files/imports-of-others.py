# Changes the modules that other programs import.
# status: exited
import os
import site
import sys
import sysconfig

from hostile import held, refused

places = {p for p in sys.path if p and not p.startswith("/tmp")} | {*site.getsitepackages(), sysconfig.get_path("stdlib")}
for place in places:
    for name in ("sitecustomize.py", "usercustomize.py", "flow.pth", "json.py"):
        refused(f"{place}/{name}", lambda: os.close(os.open(os.path.join(place, name), os.O_CREAT | os.O_WRONLY)))
held()
