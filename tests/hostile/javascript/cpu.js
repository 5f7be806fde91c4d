// Computes without end.
// status: cpu
// limits: cpu=600ms
for (;;);
