# Changes modules in memory and on disk for the next execution.
# status: exited
# runs: 2
import builtins
import json
import os
import sys

from hostile import held

if hasattr(builtins, "flow_left") or hasattr(json, "flow_left") or "flow_left" in sys.modules:
    print("ESCAPED in memory")
if json.dumps(1) != "1" or len([1]) != 1:
    print("ESCAPED patched functions")
builtins.flow_left = True
json.flow_left = True
json.dumps = lambda *_: "changed"
builtins.len = lambda _: 1
sys.modules["flow_left"] = sys
for folder in (os.path.expanduser("~/.local/lib/python3.11/site-packages"), "/tmp/work/__pycache__"):
    os.makedirs(folder, exist_ok=True)
    open(os.path.join(folder, "usercustomize.py"), "w").write("import builtins; builtins.flow_left = True")
held()
