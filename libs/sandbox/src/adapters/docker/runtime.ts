/** What the daemon says of its runtimes. */
export interface DaemonRuntimes {
  readonly Runtimes?: Readonly<Record<string, unknown>>;
  readonly DefaultRuntime?: string;
}

/** gVisor's runtime, whose kernel is not the machine's. */
export const GVISOR = 'runsc';

/**
 * The runtime that containers are started with: the wanted one; else gVisor where
 * the daemon has it, otherwise its default.
 *
 * @throws Error where the daemon does not have the wanted one
 */
export function chooseRuntime(
  { Runtimes = {}, DefaultRuntime = 'runc' }: DaemonRuntimes,
  wanted?: string | undefined,
): string {
  const has = (name: string): boolean => Object.hasOwn(Runtimes, name);
  if (wanted === undefined) return has(GVISOR) ? GVISOR : DefaultRuntime;
  if (has(wanted)) return wanted;
  throw new Error(`the daemon has no runtime ${wanted}, only ${Object.keys(Runtimes).join(', ')}`);
}
