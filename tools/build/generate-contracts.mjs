// Generates libs/contracts/src/gen from proto/: TypeScript by ts-proto, and the
// descriptor set that gRPC reflection serves.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = `${root}libs/contracts/src/gen`;
const buf = `${root}node_modules/.bin/buf`;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
execFileSync(buf, ['generate'], { cwd: root, stdio: 'inherit' });
const descriptors = execFileSync(buf, ['build', '-o', '-#format=binpb'], { cwd: root, maxBuffer: 64 << 20 });
writeFileSync(
  `${out}/descriptor-set.ts`,
  `/** The FileDescriptorSet of every contract, in base64. */\nexport const descriptorSetBase64 =\n  '${descriptors.toString('base64')}';\n`,
);
