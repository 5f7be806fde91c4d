# Makes files whose names could confuse whoever cleans up.
# status: exited
import os

from hostile import held

for name in ("-rf", "\n", "a b", "\x7f\x1b[2J", "..x", "*", "é" * 100, b"\xff\xfe"):
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
os.mkdir("locked")
os.close(os.open("locked/file", os.O_CREAT | os.O_WRONLY))
os.chmod("locked", 0)
held()
