# A pattern that takes exponential time inside one call.
# status: cpu
# limits: cpu=300ms
import re

re.match(r"(a+)+$", "a" * 64 + "b")
