# Ends, but for a destructor that does not.
# status: cpu
# limits: cpu=300ms
class Endless:
    def __del__(self):
        while True:
            pass


kept = Endless()
