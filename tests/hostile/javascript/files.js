// Reads and writes what belongs to the machine.
// status: exited
const fs = require('node:fs');
const bait = JSON.parse(process.env.HOSTILE);
for (const path of [bait.file, '/etc/shadow', '/proc/1/environ', '/proc/1/mem', '/root', '/var/lib/dpkg']) {
  try {
    if (fs.statSync(path).isDirectory()) fs.readdirSync(path);
    else fs.readFileSync(path);
    console.log('ESCAPED', path);
  } catch {}
}
for (const place of ['/', '/usr', '/etc', '/opt', '/dev']) {
  try {
    fs.writeFileSync(`${place}/flow`, 'x');
    console.log('ESCAPED', place);
  } catch {}
}
for (const name of Object.keys(process.env)) {
  if (/SECRET|TOKEN|KEY|PASSWORD/.test(name)) console.log('ESCAPED', name);
}
console.log('held');
