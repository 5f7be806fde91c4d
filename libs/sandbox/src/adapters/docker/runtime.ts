/** What the daemon says of its runtimes. */
export interface DaemonRuntimes {
  readonly Runtimes?: Readonly<Record<string, unknown>>;
  readonly DefaultRuntime?: string;
}

/** gVisor, whose kernel is not the machine's. */
const PREFERRED = 'runsc';

/** The runtime that containers are started with: gVisor where the daemon has it, otherwise its default. */
export function chooseRuntime({ Runtimes = {}, DefaultRuntime = 'runc' }: DaemonRuntimes): string {
  return Object.hasOwn(Runtimes, PREFERRED) ? PREFERRED : DefaultRuntime;
}
