// Writes gigabytes to its output.
// status: output
// limits: output=10K
const fs = require('node:fs');
const block = Buffer.alloc(65536);
for (;;) fs.writeSync(1, block);
