// Connects to a service of the machine, to the internet and to socket files.
// status: exited
const net = require('node:net');
const bait = JSON.parse(process.env.HOSTILE);
const places = [
  { host: '127.0.0.1', port: bait.port },
  { host: '192.0.2.1', port: 80 },
  { path: `\0${bait.abstract}` },
  { path: bait.socket },
];
let left = places.length;
const done = () => {
  left -= 1;
  if (left === 0) console.log('held');
};
for (const place of places) {
  const socket = net.connect({ ...place, timeout: 300 });
  socket.on('connect', () => console.log('ESCAPED', JSON.stringify(place)));
  socket.on('timeout', () => socket.destroy());
  socket.on('error', () => undefined);
  socket.on('close', done);
}
