I would use an ensemble of three solutions.
