// Keeps itself alive by timers.
// status: wall
// limits: wall=600ms
setInterval(() => undefined, 10);
process.on('SIGTERM', () => undefined);
