import { Limits } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';

const MS = { ms: 1, s: 1000, m: 60_000 } as const;
const BYTES = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;

/**
 * Reads limits such as `wall=2s,cpu=1s,memory=128M,processes=8,output=64K,disk=16M`.
 *
 * @throws FlowError INVALID_ARGUMENT that names the part that is wrong
 */
export function parseLimits(text: string): Limits {
  const limits = Limits.fromPartial({});
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=', 2);
    switch (name.trim()) {
      case 'wall':
        limits.wallMs = milliseconds(part, value);
        break;
      case 'cpu':
        limits.cpuMs = milliseconds(part, value);
        break;
      case 'memory':
        limits.memoryBytes = BigInt(bytes(part, value));
        break;
      case 'disk':
        limits.diskBytes = BigInt(bytes(part, value));
        break;
      case 'output':
        limits.outputBytes = bytes(part, value);
        break;
      case 'processes':
        limits.processes = count(part, value);
        break;
      default:
        throw wrong(part, 'the limits are wall, cpu, memory, processes, output, disk');
    }
  }
  return limits;
}

function milliseconds(part: string, value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(value.trim());
  const ms = match === null ? 0 : Math.round(Number(match[1]) * MS[match[2] as keyof typeof MS]);
  if (ms < 1 || ms > 0xffffffff) throw wrong(part, 'a time looks like 500ms, 2s or 1m');
  return ms;
}

function bytes(part: string, value: string): number {
  const match = /^(\d+)([KMG]?)$/.exec(value.trim());
  const size = match === null ? 0 : Number(match[1]) * BYTES[match[2] as keyof typeof BYTES];
  if (size < 1 || size > 0xffffffff) throw wrong(part, 'a size looks like 64K, 128M or 1G');
  return size;
}

function count(part: string, value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value.trim()) || number < 1 || number > 0xffffffff)
    throw wrong(part, 'it is a whole number');
  return number;
}

function wrong(part: string, hint: string): FlowError {
  return new FlowError('INVALID_ARGUMENT', 'LIMIT_INVALID', `--limit: ${part || 'nothing'} is not a limit`, {
    hint,
  });
}
