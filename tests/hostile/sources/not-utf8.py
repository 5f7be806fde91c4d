# Its source is not UTF-8.
# status: exited
# exit: 1
# append: x = "\xff\xfe\xfd"
