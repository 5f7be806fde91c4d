import { machineChecks } from '../doctor/machine-checks.js';
import { ExitCode } from '../exit-codes.js';
import { colorsFor } from '../output/colors.js';

/** `flow doctor`: exit code 0 when everything that is required is there, 69 otherwise. */
export async function doctor(options: { readonly json?: boolean }): Promise<ExitCode> {
  const checks = await machineChecks(process.env);
  const usable = checks.every(({ ok, required }) => ok || !required);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ ok: usable, checks })}\n`);
  } else {
    const { dim, green, red, yellow } = colorsFor(process.stdout);
    const width = Math.max(...checks.map(({ name }) => name.length));
    for (const { name, ok, required, detail, mend } of checks) {
      const mark = ok ? green('✓') : required ? red('✗') : yellow('!');
      process.stdout.write(`${mark} ${name.padEnd(width)}  ${detail}\n`);
      if (mend !== '') process.stdout.write(`  ${' '.repeat(width)}  ${dim('mend:')} ${mend}\n`);
    }
    const words = usable
      ? 'everything that flow needs is here'
      : 'something that flow needs is missing; flow demo installs what it may';
    process.stdout.write(`\n${words}\n`);
  }
  return usable ? ExitCode.solved : ExitCode.unavailable;
}
