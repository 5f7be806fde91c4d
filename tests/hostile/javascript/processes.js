// Starts processes that go on after it.
// status: exited
const { spawn } = require('node:child_process');
for (let index = 0; index < 5; index += 1) {
  spawn('/usr/bin/python3', ['-c', 'import time; time.sleep(600)'], {
    detached: true,
    stdio: 'ignore',
  }).unref();
}
console.log('held');
