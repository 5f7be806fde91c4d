# One operation on integers that does not return to the interpreter.
# status: cpu
# limits: cpu=300ms memory=256M
x = 7 ** (10**8)
print(x.bit_length())
