# Source text that nests deeper than any parser's stack.
# status: exited
from hostile import held

for source in ("(" * 100_000, "-" * 100_000 + "1", "[" * 5000 + "]" * 5000, "x" + ".y" * 100_000):
    try:
        compile(source, "deep", "exec")
    except (SyntaxError, MemoryError, RecursionError):
        pass
held()
