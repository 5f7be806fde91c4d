import { describe, expect, it } from 'vitest';
import { REFUSED_CALLS, seccompFilter } from './seccomp.js';

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const KILL = 0x80000000;
const X64 = 0xc000003e;
const ARM64 = 0xc00000b7;

/** Runs a filter as the kernel would, on one system call. */
function run(filter: Uint8Array, arch: number, number: number, args: readonly number[] = []): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(arch, 4);
  args.forEach((value, index) => data.writeBigUInt64LE(BigInt(value), 16 + 8 * index));
  const program = Buffer.from(filter);
  let word = 0;
  for (let at = 0; ; at += 1) {
    const operand = program.readUInt32LE(at * 8 + 4);
    const branch = (holds: boolean) => (at += program.readUInt8(at * 8 + (holds ? 2 : 3)));
    switch (program.readUInt16LE(at * 8)) {
      case 0x20:
        word = data.readUInt32LE(operand);
        break;
      case 0x15:
        branch(word === operand);
        break;
      case 0x35:
        branch(word >= operand);
        break;
      case 0x45:
        branch((word & operand) !== 0);
        break;
      case 0x06:
        return operand;
      default:
        throw new Error('not an instruction of ours');
    }
  }
}

describe('seccompFilter', () => {
  const filter = seccompFilter('x64') ?? new Uint8Array();

  it('knows two architectures', () => {
    expect(seccompFilter('mips')).toBeUndefined();
    const arm = seccompFilter('arm64') ?? new Uint8Array();
    expect(run(arm, ARM64, 97)).toBe(EPERM); // unshare
    expect(run(arm, ARM64, 63)).toBe(ALLOW); // read
    expect(run(arm, ARM64, 220, [0x20000])).toBe(EPERM); // clone, CLONE_NEWNS
    expect(run(arm, X64, 63)).toBe(KILL);
  });

  it.each([
    ['read', 0],
    ['write', 1],
    ['execve', 59],
    ['futex', 202],
    ['prctl', 157],
    ['fork', 57],
  ])('allows %s', (_, number) => {
    expect(run(filter, X64, number)).toBe(ALLOW);
  });

  it('refuses as many calls as it names, among all numbers', () => {
    const numbers = Array.from({ length: 1024 }, (_, number) => number);
    const refusedOn = (kind: string, arch: number): number[] =>
      numbers.filter((number) => run(seccompFilter(kind) ?? new Uint8Array(), arch, number) === EPERM);
    // Without arguments a socket pair has no family and is refused too.
    expect(refusedOn('x64', X64)).toHaveLength(REFUSED_CALLS.length + 1);
    // Four calls exist on x86-64 only.
    expect(refusedOn('arm64', ARM64)).toHaveLength(REFUSED_CALLS.length + 1 - 4);
    expect(numbers.filter((number) => run(filter, X64, number) === ENOSYS)).toEqual([435]);
  });

  it.each([
    ['ptrace', 101],
    ['process_vm_writev', 311],
    ['mount', 165],
    ['unshare', 272],
    ['setns', 308],
    ['keyctl', 250],
    ['bpf', 321],
    ['perf_event_open', 298],
    ['userfaultfd', 323],
    ['io_uring_setup', 425],
    ['personality', 135],
    ['socket', 41],
    ['memfd_create', 319],
    ['kexec_load', 246],
  ])('refuses %s', (_, number) => {
    expect(run(filter, X64, number)).toBe(EPERM);
  });

  it('decides clone, ioctl and socketpair by their arguments', () => {
    const thread = 0x3d0f00;
    expect(run(filter, X64, 56, [thread])).toBe(ALLOW);
    for (const bit of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
      expect(run(filter, X64, 56, [thread | bit])).toBe(EPERM);
    }
    expect(run(filter, X64, 16, [0, 0x5401])).toBe(ALLOW);
    expect(run(filter, X64, 16, [0, 0x5412])).toBe(EPERM);
    expect(run(filter, X64, 53, [1, 1])).toBe(ALLOW);
    expect(run(filter, X64, 53, [2, 1])).toBe(EPERM);
    expect(run(filter, X64, 435)).toBe(ENOSYS);
  });

  it('refuses the x32 ABI and kills other architectures', () => {
    expect(run(filter, X64, 0x40000000 | 1)).toBe(ENOSYS);
    expect(run(filter, 0x40000003, 1)).toBe(KILL);
  });
});
