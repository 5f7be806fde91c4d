# Opens files until it is refused.
# status: exited
from hostile import held

kept = []
try:
    while len(kept) < 5000:
        kept.append(open("/dev/null"))
except OSError:
    pass
count = len(kept)
kept.clear()
if count >= 5000:
    print("ESCAPED", count, "open files")
held()
