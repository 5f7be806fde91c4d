import { REFUSED_CALLS } from '../jail/seccomp.js';

const EPERM = 1;
const ENOSYS = 38;
const AF_UNIX = 1;
const LOW_HALF = 0xffffffff;
/** CLONE_NEWTIME has no bit of its own in clone; NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACE_BITS = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000];
/** TIOCSTI and TIOCLINUX, which push characters into a terminal's input. */
const TERMINAL_REQUESTS = [0x5412, 0x541c];

interface Condition {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: 'SCMP_CMP_NE' | 'SCMP_CMP_MASKED_EQ';
}

interface Rule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ERRNO';
  readonly errnoRet: number;
  readonly args?: readonly Condition[];
}

/**
 * The jail's system call filter in the form that the Docker daemon takes: the
 * same calls are refused on both backends. It replaces Docker's own profile.
 */
export function dockerSeccompProfile(): string {
  return JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      refuse(REFUSED_CALLS, EPERM),
      // Its flags lie in memory that a filter can't read; without it, libraries use clone.
      refuse(['clone3'], ENOSYS),
      ...NAMESPACE_BITS.map((bit) => refuse(['clone'], EPERM, maskedEqual(0, bit, bit))),
      // The kernel looks at the low half of a request only.
      ...TERMINAL_REQUESTS.map((request) => refuse(['ioctl'], EPERM, maskedEqual(1, LOW_HALF, request))),
      refuse(['prlimit64'], EPERM, { index: 0, value: 0, op: 'SCMP_CMP_NE' }),
      refuse(['socketpair'], EPERM, { index: 0, value: AF_UNIX, op: 'SCMP_CMP_NE' }),
    ],
  });
}

function refuse(names: readonly string[], errnoRet: number, condition?: Condition): Rule {
  return {
    ...{ names, action: 'SCMP_ACT_ERRNO', errnoRet },
    ...(condition === undefined ? {} : { args: [condition] }),
  };
}

/** Holds when the masked argument equals a number. */
function maskedEqual(index: number, mask: number, equals: number): Condition {
  return { index, value: mask, valueTwo: equals, op: 'SCMP_CMP_MASKED_EQ' };
}
