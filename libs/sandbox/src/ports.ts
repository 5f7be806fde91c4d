/** A language that a backend can run. */
export type ProgramLanguage = 'python' | 'javascript';

/** Limits of one program as they are enforced. */
export interface ProgramLimits {
  /** Wall-clock time, milliseconds. */
  readonly wallMs: number;
  /** CPU time of all processes together, milliseconds. */
  readonly cpuMs: number;
  /** Memory, bytes. */
  readonly memoryBytes: number;
  /** Processes and threads at once. */
  readonly processes: number;
  /** Bytes kept of each of stdout and stderr. */
  readonly outputBytes: number;
  /** Bytes that can be written to the work directory and /tmp together. */
  readonly diskBytes: number;
}

/** A regular file in the work directory. */
export interface ProgramFile {
  /** Relative path, already validated. */
  readonly path: string;
  readonly data: Uint8Array;
}

/** One validated program: what a backend is asked to run. */
export interface Program {
  readonly language: ProgramLanguage;
  readonly source: Uint8Array;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly ProgramFile[];
  /** Paths of files to return. */
  readonly outputFiles: readonly string[];
  readonly limits: ProgramLimits;
  /** Whether the program gets the frame channel (fd 4) that gradings use. */
  readonly channel: boolean;
}

/** What a running program does, told as it happens. */
export interface ProgramEvents {
  /** The jail is made and the program's time begins. */
  readonly onStarted?: () => void;
  readonly onStdout?: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
  /** One whole frame of the channel. */
  readonly onFrame?: (frame: Buffer) => void;
}

/** Why a program ended, seen from outside it. */
export type EndReason =
  /** It exited or was signalled by itself. */
  | 'exit'
  | 'wall'
  | 'cpu'
  | 'memory'
  /** `stop()` ended it. */
  | 'stopped'
  /** `kill()` ended it. */
  | 'killed'
  /** The request can't be run as it is; see `message`. */
  | 'refused'
  /** The backend failed; see `message`. */
  | 'lost';

/** What a program did, measured outside it. */
export interface ProgramEnd {
  readonly reason: EndReason;
  /** Exit code, or minus the signal's number; 0 unless the reason is `exit`. */
  readonly code: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly setupMs: number;
  /** 0 when it could not be measured. */
  readonly peakMemoryBytes: number;
  readonly outputFiles: readonly ProgramFile[];
  /** One sentence for `refused` and `lost`. */
  readonly message: string;
  /** What isolated it, such as "own user,pid,mount,ipc,uts,net namespaces"; empty when it was not started. */
  readonly isolation: string;
}

/** What a launcher tells of a program's end, before it is known what isolated it. */
export type LauncherEnd = Omit<ProgramEnd, 'isolation'>;

/** A program that was started. Writing to one that has ended does nothing. */
export interface RunningProgram {
  /** Settles, and never rejects, once nothing of the program is left. */
  readonly end: Promise<ProgramEnd>;
  writeStdin(chunk: Uint8Array): void;
  closeStdin(): void;
  /** Sends one frame on the channel. */
  sendFrame(frame: Uint8Array): void;
  /** Sends a signal (by number) to the program's process group. */
  signal(number: number): void;
  /** Ends the program and still measures what it used. */
  stop(): void;
  /** Ends everything at once, measuring nothing. */
  kill(): void;
}

/** One probed property of a backend. */
export interface ProbedCapability {
  /** Name, such as "network". */
  readonly name: string;
  readonly enforced: boolean;
  /** By what. */
  readonly mechanism: string;
}

/** Runs programs in isolation. `jail` is one; others join behind this port. */
export interface SandboxBackend {
  /** Name, such as "jail". */
  readonly name: string;
  /** Languages it can run here. */
  readonly languages: readonly ProgramLanguage[];
  /** Starts a program. Failures are told by its `end`, never thrown. */
  start(program: Program, events: ProgramEvents): RunningProgram;
  /** What limits and boundaries rest on, by capability name. */
  readonly mechanisms: Readonly<Record<string, string>>;
}

/** A clock that only goes forward, in milliseconds. */
export interface MonotonicClock {
  now(): number;
}
