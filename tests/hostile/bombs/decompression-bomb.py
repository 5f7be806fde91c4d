# Unpacks a small archive of gigabytes.
# status: memory
# limits: memory=96M
import bz2

packed = bz2.compress(bytes(1 << 24)) * 128
data = bz2.decompress(packed)
print(len(data))
