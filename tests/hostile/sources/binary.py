# Its source is a program for the machine.
# status: exited
# exit: 1
# prepend: \x7fELF\x02\x01\x01
print("ESCAPED it ran")
