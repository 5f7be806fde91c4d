# Asks for one block beyond the limit and writes all of it.
# status: memory
# limits: memory=96M
block = bytearray(1 << 30)
block[::4096] = b"x" * len(block[::4096])
