import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Starts a replica with its workflow-runner, scripted model and sandbox, each a process of its own. */
export async function startStack({ root, url, runs, modelMs, profile }) {
  const folder = mkdtempSync(join(tmpdir(), 'flow-bench-'));
  const address = (name) => `unix:${join(folder, `${name}.sock`)}`;
  const children = {};
  const start = (name, args, env, stdio) => {
    const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profile, name)}`];
    children[name] = spawn(process.execPath, [...flags, ...args], {
      env: { PATH: process.env.PATH, FLOW_LOG_LEVEL: 'warn', ...env },
      stdio,
    });
    return children[name];
  };
  const bundle = fileURLToPath(import.meta.url);
  const services = start(
    'services',
    [bundle, '--services', JSON.stringify({ sandboxAddress: address('sandbox'), modelMs })],
    {},
    ['ignore', 'inherit', 'inherit', 'ipc'],
  );
  const [{ baseUrl }] = await once(services, 'message');
  const endpoint = { name: 'm', baseUrl, local: true, defaultModel: 'm', grammarStyle: 'none' };
  const models = JSON.stringify([{ ...endpoint, promptStyle: 'chat', concurrency: 1024 }]);
  const app = (name, env) =>
    start(name, [join(root, 'dist/apps', name, 'main.js')], { FLOW_MODEL_ENDPOINTS: models, ...env }, [
      'pipe',
      'inherit',
      'inherit',
    ]);
  app('workflow-runner', {
    FLOW_WORKFLOW_RUNNER_ADDRESS: address('runner'),
    FLOW_WORKFLOW_RUNNER_SANDBOX_ADDRESS: address('sandbox'),
  });
  app('meta-agent', {
    FLOW_META_AGENT_ADDRESS: address('agent'),
    FLOW_META_AGENT_DATABASE_URL: url,
    FLOW_META_AGENT_WORKFLOW_RUNNER_ADDRESS: address('runner'),
    FLOW_META_AGENT_SANDBOX_ADDRESS: address('sandbox'),
    FLOW_META_AGENT_REWARD_ADDRESS: address('sandbox'),
    FLOW_META_AGENT_MAX_ACTIVE_RUNS: String(runs),
    FLOW_META_AGENT_MAX_CONCURRENT_CALLS: String(4 * runs),
  });
  return {
    address: address('agent'),
    /** CPU time that each part has used, in milliseconds. */
    cpu: () => ({
      replica: cpuMs(children['meta-agent'].pid),
      runner: cpuMs(children['workflow-runner'].pid),
      services: cpuMs(services.pid),
      watchers: cpuMs(process.pid),
      postgres: postgresCpuMs(),
    }),
    /** Greatest memory that the replica has had, in MB. */
    memoryMb: () => {
      const status = readFileSync(`/proc/${children['meta-agent'].pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) / 1024;
    },
    /** Requests that the model has had. */
    async modelRequests() {
      services.send({});
      const [{ requests }] = await once(services, 'message');
      return requests;
    },
    async stop() {
      // A profile is written where the process ends by itself.
      const signal = profile === undefined ? 'SIGKILL' : 'SIGTERM';
      for (const name of ['meta-agent', 'workflow-runner', 'services']) {
        const child = children[name];
        const exited = child.exitCode ?? once(child, 'exit');
        child.kill(signal);
        await exited;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** CPU time that a process has used, in milliseconds; ticks are 10 ms. */
function cpuMs(pid) {
  const fields = statOf(pid);
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** CPU time of this process's Postgres and of all its backends, those that have ended too. */
function postgresCpuMs() {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const server = pids.find((pid) => parentOf(pid) === process.pid && nameOf(pid) === 'postgres');
  const backends = pids.filter((pid) => parentOf(pid) === Number(server));
  const fields = statOf(server);
  return (
    cpuMs(server) +
    10 * (Number(fields[13]) + Number(fields[14])) +
    backends.reduce((sum, pid) => sum + cpuMs(pid), 0)
  );
}

function parentOf(pid) {
  return Number(statOf(pid)?.[1]);
}

function nameOf(pid) {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  } catch {
    return undefined;
  }
}
