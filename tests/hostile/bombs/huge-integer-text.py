# Turns an enormous integer into text, which takes quadratic time where it is allowed.
# status: cpu
# limits: cpu=300ms memory=256M
import sys

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)
print(len(str(1 << 40_000_000)))
