# Claims in its last words to have run out of memory, which harms only its own status.
# status: memory | exited
import sys

sys.stderr.write("MemoryError\n")
sys.exit(1)
