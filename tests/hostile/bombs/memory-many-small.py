# Fills memory with small objects.
# status: memory
# limits: memory=96M
kept = []
while True:
    kept.append(str(len(kept)) * 20)
