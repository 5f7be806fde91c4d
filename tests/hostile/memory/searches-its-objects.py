# Walks over every object and frame of its interpreter.
# status: exited
import base64
import gc
import sys

from hostile import bait, held

wanted = ["LEAK-" + base64.b64decode(text).decode() for text in bait["encoded"]]
frame = sys._getframe()
while frame is not None:
    for name, value in list(frame.f_globals.items()):
        if isinstance(value, str) and any(word in value for word in wanted):
            print("ESCAPED in a frame:", name)
    frame = frame.f_back
for each in gc.get_objects():
    if isinstance(each, dict):
        for value in list(each.values()):
            if isinstance(value, (str, bytes)):
                text = value if isinstance(value, str) else value.decode("latin1")
                if any(word in text for word in wanted):
                    print("ESCAPED in an object")
held()
