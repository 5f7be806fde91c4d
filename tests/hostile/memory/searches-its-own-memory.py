# Searches its memory for what an earlier owner of it may have left.
# status: exited
# limits: memory=512M cpu=20s wall=20s
import base64
import re

from hostile import bait, held

# Encoded, so that this program's own text is not what it finds.
wanted = [base64.b64decode(text) for text in bait["encoded"]]
ranges = [line.split() for line in open("/proc/self/maps")]
with open("/proc/self/mem", "rb", 0) as memory:
    for where, permissions, *rest in ranges:
        if "r" not in permissions or (rest[3:] and rest[3] in ("[vvar]", "[vsyscall]")):
            continue
        start, end = (int(text, 16) for text in where.split("-"))
        try:
            memory.seek(start)
            block = memory.read(end - start)
        except (OSError, ValueError, OverflowError):
            continue
        for word in wanted:
            # What this program decoded itself stands alone; anything else comes from elsewhere.
            for match in re.finditer(re.escape(word), block):
                around = block[max(0, match.start() - 24) : match.end() + 24]
                if b"LEAK-" in around:
                    print("ESCAPED", around)
held()
