# Fills shared anonymous memory, which counts for no single process.
# status: memory
# limits: memory=96M
import mmap

shared = mmap.mmap(-1, 1 << 29)
for offset in range(0, len(shared), 4096):
    shared[offset] = 1
