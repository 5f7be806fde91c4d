// ./flow test: every check of the tree, one after another, with totals at the end.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildNative } from '../build/native.mjs';
import { missingPackages } from './system-packages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const reports = `${root}dist/test`;

const usage = `Usage: ./flow test [--full] [--step NAME]...

Runs every check of the tree: ${'format, lint, types, contracts, unit, integration'}.

  --full       suites with large counts run the full count, not a sample
  --step NAME  only this step; may be given several times
`;

let options;
try {
  options = parseArgs({
    options: {
      full: { type: 'boolean', default: false },
      step: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
} catch (error) {
  process.stderr.write(`flow: ${error.message}\n${usage}`);
  process.exit(64);
}
if (options.help) {
  process.stdout.write(usage);
  process.exit(0);
}

const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', FORCE_COLOR: '0' };
if (options.full) env.FLOW_FULL = '1';

/** Runs a program of node_modules/.bin with this Node; true when it ends with 0. */
function run(program, ...args) {
  const result = spawnSync(`${root}node_modules/.bin/${program}`, args, { cwd: root, env, stdio: 'inherit' });
  return result.status === 0;
}

/** Runs one vitest project and returns its counts of tests. */
function tests(project) {
  const report = `${reports}/${project}.json`;
  rmSync(report, { force: true });
  const ok = run(
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  );
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  if (numPendingTests > 0)
    process.stderr.write(`${numPendingTests} tests were skipped, which counts as failed\n`);
  const failed = numFailedTests + numPendingTests;
  // A file that can't be loaded, or an error outside of any test, fails the run without a failed test.
  return { passed: numPassedTests, failed: failed === 0 && (!ok || numFailedTestSuites > 0) ? 1 : failed };
}

function contracts() {
  const breaking = spawnSync(process.execPath, [`${root}tools/buf/breaking.mjs`], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  return [run('buf', 'lint'), run('buf', 'format', '--diff', '--exit-code'), breaking.status === 0].every(
    Boolean,
  );
}

const steps = {
  format: () => run('prettier', '--check', '--log-level=warn', '.'),
  lint: () => run('eslint', '--max-warnings=0', '.'),
  types: () => run('tsc', '-b'),
  contracts,
  unit: () => tests('unit'),
  integration: () => tests('integration'),
};

const chosen = options.step ?? Object.keys(steps);
const unknown = chosen.filter((name) => !(name in steps));
if (unknown.length > 0) {
  process.stderr.write(
    `flow: there is no step ${unknown.join(', ')}; the steps are ${Object.keys(steps).join(', ')}\n`,
  );
  process.exit(64);
}
if (chosen.includes('integration')) {
  const missing = missingPackages();
  if (missing !== undefined) {
    process.stderr.write(`flow: ${missing}\n`);
    process.exit(69);
  }
  // A compiler may have come with the packages, after the build.
  buildNative(`${root}dist/apps/sandbox/native`);
}

mkdirSync(reports, { recursive: true });
const startedAt = Date.now();
const total = { passed: 0, failed: 0 };
const summary = [];
for (const name of chosen) {
  process.stdout.write(`\n── ${name}\n`);
  const began = Date.now();
  const outcome = steps[name]();
  const counts =
    typeof outcome === 'boolean' ? { passed: outcome ? 1 : 0, failed: outcome ? 0 : 1 } : outcome;
  total.passed += counts.passed;
  total.failed += counts.failed;
  summary.push(
    `${counts.failed === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${((Date.now() - began) / 1000).toFixed(1)} s`,
  );
}
process.stdout.write(`\n${summary.join('\n')}\ntotal ${((Date.now() - startedAt) / 1000).toFixed(0)} s\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exit(total.failed === 0 ? 0 : 1);
