// Fills memory outside of the engine's own heap.
// status: memory
// limits: memory=256M
const kept = [];
for (;;) kept.push(Buffer.alloc(1 << 24, 1));
