"""Runs candidates against checks, each in a process of its own, inside the jail that judge.mjs makes.

Standard input: one JSON object a line, {"id", "code", "entry_point", "visible": [...], "hidden": "def check(candidate)..."}
Standard output: one JSON object a line, {"id", "visible": bool or null, "hidden": bool or null}; null where there is
nothing to check.
"""

import json
import os
import resource
import signal
import sys

SECONDS = 3


def passes(code, checks):
    """Whether the code runs and every check after it, within the limits."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        signal.alarm(SECONDS)
        status = 1
        try:
            scope = {"__name__": "candidate"}
            exec(code, scope)
            for check in checks:
                exec(check, scope)
            status = 0
        except BaseException:
            pass
        os._exit(status)
    return os.waitpid(child, 0)[1] == 0


for line in sys.stdin:
    job = json.loads(line)
    entry = job["entry_point"]
    visible = [f"candidate = {entry}"] + job["visible"]
    hidden = [job["hidden"], f"check({entry})"]
    print(
        json.dumps(
            {
                "id": job["id"],
                "visible": passes(job["code"], visible) if job["visible"] else None,
                "hidden": passes(job["code"], hidden) if job["hidden"] else None,
            }
        ),
        flush=True,
    )
