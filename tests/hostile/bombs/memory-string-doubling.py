# Doubles a string until nothing is left.
# status: memory
# limits: memory=96M
text = "x"
while True:
    text += text
