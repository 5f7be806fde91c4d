import { execFile } from 'node:child_process';
import { type Backend, GetCapabilitiesResponse, Language } from '@flowreasoner/contracts/sandbox';
import { FlowError } from '@flowreasoner/rpc';
import { bundlePath } from '../embedded/child-process.js';
import { sandboxSettings } from '../embedded/sandbox-process.js';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from '../output/colors.js';
import { enumWord } from '../output/json-events.js';
import { printable } from '../output/printable.js';

const PROBE_TIMEOUT_MS = 120_000;
const MAX_REPORT_BYTES = 1024 * 1024;

/**
 * `flow sandbox probe`: what each backend enforces on this machine, and what
 * became of every attempt to get out. 0 when the default backend is safe, 69 when not.
 */
export async function probeSandbox(options: { readonly json?: boolean }): Promise<ExitCode> {
  const { backends } = await probedBackends();
  const safe = backends[0]?.available === true;
  if (options.json === true) {
    const report = { ok: safe, default: backends[0]?.name ?? null, backends: backends.map(backendJson) };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  } else {
    const colors = colorsFor(process.stdout);
    const tables = backends.map((backend, index) => table(backend, index === 0, colors));
    process.stdout.write(`${tables.join('\n\n')}\n`);
  }
  return safe ? ExitCode.solved : ExitCode.unavailable;
}

/** Probing runs hostile programs, so a process without our environment does it. */
function probedBackends(): Promise<GetCapabilitiesResponse> {
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...{ FLOW_SANDBOX_PROBE_ONLY: 'true', FLOW_LOG_LEVEL: 'silent' },
    ...sandboxSettings(process.env, true),
  };
  const args = ['--disable-warning=ExperimentalWarning', bundlePath('sandbox')];
  const limits = { timeout: PROBE_TIMEOUT_MS, maxBuffer: MAX_REPORT_BYTES };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env, ...limits }, (error, stdout) => {
      if (error === null) return resolve(GetCapabilitiesResponse.fromJSON(JSON.parse(stdout)));
      const message = `the sandbox could not be probed: ${error.message}`;
      reject(
        new FlowError('UNAVAILABLE', 'PROBE_FAILED', message, { hint: 'flow doctor says what is missing' }),
      );
    });
  });
}

function backendJson({ languages, ...backend }: Backend): object {
  return { ...backend, languages: languages.map(languageWord) };
}

function languageWord(language: Language): string {
  return enumWord(Language[language], 'LANGUAGE_');
}

function table(
  backend: Backend,
  isDefault: boolean,
  { bold, dim, green, red }: ReturnType<typeof colorsFor>,
): string {
  const { name, available, reason, capabilities, probes, languages } = backend;
  const state = available ? green('available') : red(`not available: ${printable(reason)}`);
  const lines = [`${bold(name)}${isDefault ? ' (default)' : ''}  ${state}`];
  if (capabilities.length === 0) return lines.join('\n');
  const mark = (ok: boolean): string => (ok ? green('✓') : red('✗'));
  const width = Math.max(...[...capabilities, ...probes].map((one) => one.name.length));
  const row = (ok: boolean, text: string, detail: string): string =>
    `  ${mark(ok)} ${text.padEnd(width)}  ${dim(printable(detail))}`;
  const contained = probes.filter((probe) => probe.contained).length;
  lines.push(
    `  languages: ${languages.map(languageWord).join(', ')}`,
    '',
    '  What is enforced, and by what',
    ...capabilities.map((one) => row(one.enforced, one.name, one.enforced ? one.mechanism : 'not enforced')),
    '',
    `  Attempts to get out: ${contained} of ${probes.length} were contained`,
    ...probes.map((probe) => row(probe.contained, probe.name, probe.detail)),
  );
  return lines.join('\n');
}
