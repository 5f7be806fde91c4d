// Fills memory with arrays.
// status: memory
// limits: memory=256M
const kept = [];
for (;;) kept.push(new Array(1e6).fill(kept.length));
