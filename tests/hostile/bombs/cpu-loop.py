# Computes without end.
# status: cpu
# limits: cpu=300ms
while True:
    pass
