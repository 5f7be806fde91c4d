# Recurses to Python's own limit.
# status: exited
# exit: 1
def deeper(n):
    return deeper(n + 1)


deeper(0)
