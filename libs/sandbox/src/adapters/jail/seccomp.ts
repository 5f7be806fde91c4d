/**
 * The system call filter of a jail, as a classic BPF program (see seccomp(2)).
 * Everything is allowed but what follows; a refused call fails with EPERM, so
 * that programs see an ordinary error.
 */

/** Numbers of a system call on x86-64 and on 64-bit ARM; undefined where there is none. */
type Numbers = readonly [x64: number | undefined, arm64: number | undefined];

/** Calls that are refused whatever their arguments. */
const REFUSED: Readonly<Record<string, Numbers>> = {
  // Other processes' memory and descriptors.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  // Mounts and namespaces.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  unshare: [272, 97],
  setns: [308, 268],
  // Large and rarely needed parts of the kernel.
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  personality: [135, 92],
  fanotify_init: [300, 262],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  modify_ldt: [154, undefined],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  // Memory that belongs to no process and so escapes its limits.
  shmget: [29, 194],
  msgget: [68, 186],
  semget: [64, 190],
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
  // Watches on files that all jails share tell what runs in the others.
  inotify_init: [253, undefined],
  inotify_init1: [294, 26],
  // The machine.
  reboot: [169, 142],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  syslog: [103, 116],
  quotactl: [179, 60],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  vhangup: [153, 58],
  // Sockets of every family: jails may come to share an empty network. Pairs stay, see below.
  socket: [41, 198],
};

/** Names of the system calls that are refused whatever their arguments. */
export const REFUSED_CALLS: readonly string[] = Object.keys(REFUSED);

const CLONE: Numbers = [56, 220];
const CLONE3: Numbers = [435, 435];
const IOCTL: Numbers = [16, 29];
const SOCKETPAIR: Numbers = [53, 199];
const PRLIMIT: Numbers = [302, 261];

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64. */
const ARCHITECTURES = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
/** Calls of the x32 ABI have this bit. */
const X32_BIT = 0x40000000;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NAMESPACES = 0x7e020000;
/** Pushes characters into a terminal's input. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const AF_UNIX = 1;

const EPERM = 1;
const ENOSYS = 38;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const errno = (number: number): number => 0x00050000 | number;

/** Offsets in struct seccomp_data; arguments have 64 bits, of which the low half decides. */
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;
const argumentAt = (index: number): number => 16 + 8 * index;

/** BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, …JGE, …JSET, BPF_RET|BPF_K. */
const Code = { load: 0x20, equal: 0x15, atLeast: 0x35, anyBit: 0x45, give: 0x06 } as const;

/** One BPF instruction: `struct sock_filter`. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

/** What becomes of one system call. */
interface Decision {
  readonly call: number;
  readonly body: readonly Instruction[];
}

/**
 * The filter for a processor architecture as Node names it; undefined where
 * there is none, which the jail then reports.
 */
export function seccompFilter(architecture: string): Uint8Array | undefined {
  if (architecture !== 'x64' && architecture !== 'arm64') return undefined;
  const column = architecture === 'x64' ? 0 : 1;
  const number = (numbers: Numbers): number => numbers[column] ?? -1;
  const refused = Object.values(REFUSED).flatMap((numbers) => numbers[column] ?? []);
  const decisions: Decision[] = [
    ...refused.map((call) => ({ call, body: giveIf(Code.equal, call, errno(EPERM)) })),
    // Its flags lie in memory that a filter can't read; without it, libraries use clone.
    { call: number(CLONE3), body: giveIf(Code.equal, number(CLONE3), errno(ENOSYS)) },
    onCall(number(CLONE), 0, giveIf(Code.anyBit, CLONE_NAMESPACES, errno(EPERM))),
    onCall(number(IOCTL), 1, [
      ...giveIf(Code.equal, TIOCSTI, errno(EPERM)),
      ...giveIf(Code.equal, TIOCLINUX, errno(EPERM)),
    ]),
    // Its own limits only: a launcher whose CPU limit is lowered would be killed by the kernel.
    onCall(number(PRLIMIT), 0, [
      [Code.equal, 1, 0, 0],
      [Code.give, 0, 0, errno(EPERM)],
    ]),
    onCall(number(SOCKETPAIR), 0, [
      [Code.equal, 1, 0, AF_UNIX],
      [Code.give, 0, 0, errno(EPERM)],
    ]),
  ];
  return encode([
    [Code.load, 0, 0, ARCHITECTURE_AT],
    [Code.equal, 1, 0, ARCHITECTURES[architecture]],
    [Code.give, 0, 0, KILL_PROCESS],
    [Code.load, 0, 0, NUMBER_AT],
    ...(architecture === 'x64' ? giveIf(Code.atLeast, X32_BIT, errno(ENOSYS)) : []),
    ...decide(decisions.sort((left, right) => left.call - right.call)),
  ]);
}

/** As many decisions are looked at one after another; among more, halves are chosen. */
const LINEAR = 4;

/**
 * Finds a call among sorted decisions and allows any other. The kernel evaluates
 * the filter for every call number each time that it is installed, which is once
 * for every program: a search by halves makes that several times as fast.
 */
function decide(decisions: readonly Decision[]): readonly Instruction[] {
  if (decisions.length <= LINEAR) return [...decisions.flatMap(({ body }) => body), [Code.give, 0, 0, ALLOW]];
  const half = decisions.length >> 1;
  const below = decide(decisions.slice(0, half));
  const from = decisions[half]?.call ?? 0;
  return [[Code.atLeast, below.length, 0, from], ...below, ...decide(decisions.slice(half))];
}

/** Ends the filter with an answer if the loaded word fulfils a test. */
function giveIf(test: number, operand: number, answer: number): Instruction[] {
  return [
    [test, 0, 1, operand],
    [Code.give, 0, 0, answer],
  ];
}

/** Looks at one argument of one call, then allows the call if nothing refused it. */
function onCall(call: number, argument: number, body: readonly Instruction[]): Decision {
  return {
    call,
    body: [
      [Code.equal, 0, body.length + 2, call],
      [Code.load, 0, 0, argumentAt(argument)],
      ...body,
      [Code.give, 0, 0, ALLOW],
    ],
  };
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand >>> 0, index * 8 + 4);
  }
  return bytes;
}
