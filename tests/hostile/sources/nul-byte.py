# Its source holds a NUL byte.
# status: exited
# exit: 1
# append: \x00print("ESCAPED it ran")
