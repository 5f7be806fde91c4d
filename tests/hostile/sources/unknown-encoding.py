# Its source declares an encoding that does not exist.
# status: exited
# exit: 1
# prepend: # coding: nonsense
print("ESCAPED it ran")
