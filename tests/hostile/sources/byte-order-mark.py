# Its source begins with a byte order mark, which Python allows.
# status: exited
# prepend: \xef\xbb\xbf
from hostile import held

held()
