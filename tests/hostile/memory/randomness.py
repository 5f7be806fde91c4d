# Predicts the random numbers of other executions.
# status: exited
# runs: 2 with different output
import os
import random

from hostile import held

print(random.random(), os.urandom(8).hex())
held()
