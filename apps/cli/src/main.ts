import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ExitCode } from './exit-codes.js';
import { fail } from './output/fail.js';
import { VERSION } from './version.js';

// Commands are imported when they are called: `--help` must not pay for gRPC.

const program = new Command('flow')
  .description(
    'FlowReasoner designs a multi-agent system for each query, runs it, checks the answer and tries again.',
  )
  .version(VERSION)
  .addHelpText('after', '\nBegin with flow demo. README.md leads to the documentation.')
  .showHelpAfterError('(flow --help lists the commands)')
  .enablePositionalOptions()
  .exitOverride();

program
  .command('demo')
  .description('solve two example tasks with the local model')
  .addOption(seedOption())
  .option('--json', 'one event a line instead of a live view')
  .addOption(modelFileOption())
  .action(async (options) => exit((await import('./commands/demo.js')).demo(options)));

program
  .command('solve')
  .description('design a workflow for one query, run it, check the answer')
  .option('--task <file>', 'task file (JSON or YAML), `-` for standard input, or humaneval:HumanEval/N')
  .option('--query <text>', 'the query itself; without --task and --query it is read from standard input')
  .option('--data <file>', 'rows of HumanEval, for --task humaneval:…')
  .option(
    '--policy <name>',
    'llm, search, or fixed:NAME[,PARAMETER=VALUE] (default: search for the local model, else llm)',
  )
  .option('--seed-workflow <file>', 'workflow to start from; fixed:seed runs it alone')
  .option('--hold <calls>', 'operators of that workflow that stay as they are, such as test,custom@12', list)
  .option('--feedback <form>', 'what a policy is told: structured or scalar', choice('structured', 'scalar'))
  .option('--model-feedback', 'have a model write tests and judge answers, even the local one')
  .option('--no-model-feedback', 'never have a model write tests or judge answers')
  .option('--max-rounds <n>', 'rounds at most (default: 8)', integer(1, 50))
  .option('--budget-usd <usd>', 'money that the run may spend', amount)
  .option('--budget-tokens <n>', 'tokens that the run may use', integer(1, 4_294_967_295))
  .option('--budget-calls <n>', 'model calls that the run may make', integer(1, 4_294_967_295))
  .option('--budget-sandbox <duration>', 'time that the run may take in the sandbox', duration)
  .option('--deadline <duration>', 'wall-clock time, such as 90s or 5m (default: 10m)', duration)
  .addOption(seedOption())
  .option('--mode <mode>', 'standard, or compatible with AFlow', choice('standard', 'compatible'))
  .option('--json', 'one event a line; the last one is the result')
  .addOption(new Option('--base-url <url>', 'OpenAI-compatible endpoint').env('OPENAI_BASE_URL'))
  .option('--worker <model>', 'model that operators call (default: local, the model that flow brings)')
  .option('--meta <model>', 'model that designs workflows (default: the worker)')
  .option('--server <address>', 'meta-agent service to use instead of the embedded one')
  .addOption(modelFileOption())
  .addHelpText(
    'after',
    `
Examples:
  flow solve < problem.py                     a function stub with examples
  flow solve --task examples/3-squares.yaml   a task file
  flow solve --query "..." --base-url http://127.0.0.1:8000/v1 --worker MODEL

The key of an endpoint is read from OPENAI_API_KEY. Without an endpoint the
local model is used. docs/solving.md tells the rest, docs/cli-json.md --json and
the exit codes.`,
  )
  .action(async (options) => exit((await import('./commands/solve.js')).solve(options)));

program
  .command('check')
  .description('check a workflow without running it')
  .argument('<file>', 'workflow source, or - for standard input')
  .option('--prompts <file>', 'file with NAME = "…" prompts')
  .option('--request-tokens <prompt,completion>', 'greatest tokens of one model request')
  .option('--price <prompt,completion>', 'US dollars for a million tokens')
  .option('--json', 'print an object')
  .action(async (file, options) => exit((await import('./commands/check.js')).check(file, options)));

program
  .command('fmt')
  .description('print a workflow in its normal form')
  .argument('<file>', 'workflow source, or - for standard input')
  .option('--prompts <file>', 'file with NAME = "…" prompts')
  .option('--check', 'print nothing; exit code 1 when the file is not in its normal form')
  .addOption(new Option('--write', 'change the file instead of printing it').conflicts('check'))
  .action(async (file, options) => exit((await import('./commands/fmt.js')).fmt(file, options)));

program
  .command('graph')
  .description('print which operator call of a workflow can follow which')
  .argument('<file>', 'workflow source, or - for standard input')
  .option('--trace', 'the file is a trace of flow run: print the calls that were made')
  .option('--format <format>', 'dot, mermaid, json or svg', choice('dot', 'mermaid', 'json', 'svg'), 'dot')
  .option('--prompts <file>', 'file with NAME = "…" prompts')
  .action(async (file, options) => exit((await import('./commands/graph.js')).graph(file, options)));

program
  .command('grammar')
  .description('print the grammar of workflows for constrained decoding (GBNF)')
  .option('--operators <names>', 'operators on offer, such as custom,test (default: all)')
  .option('--max-statements <n>', 'steps at most', integer(1, 12))
  .option('--exclude <file...>', 'workflows whose structure is left out')
  .action(async (options) => exit((await import('./commands/grammar.js')).grammar(options)));

program
  .command('run')
  .description('run a workflow once on a task, and check its answer')
  .argument('<file>', 'workflow source, or - for standard input')
  .option('--task <file>', 'task file (JSON or YAML), or humaneval:HumanEval/N')
  .option('--query <text>', 'the query itself; without --task and --query it is read from standard input')
  .option('--data <file>', 'rows of HumanEval, for --task humaneval:…')
  .option('--prompts <file>', 'file with NAME = "…" prompts')
  .option('--budget-usd <usd>', 'money that the run may spend', amount)
  .option('--budget-tokens <n>', 'tokens that the run may use', integer(1, 4_294_967_295))
  .option('--deadline <duration>', 'wall-clock time, such as 90s or 5m', duration)
  .addOption(seedOption())
  .option('--mode <mode>', 'standard, or compatible with AFlow', choice('standard', 'compatible'))
  .option('--trace <file>', 'write everything that happens to a file, one event a line')
  .option('--json', 'one event a line; the last one is the result')
  .addOption(new Option('--base-url <url>', 'OpenAI-compatible endpoint').env('OPENAI_BASE_URL'))
  .option('--worker <model>', 'model that operators call')
  .option(
    '--server <addresses>',
    'workflow-runner,sandbox,reward to use instead of the embedded ones; the last two only where there are checks and hidden tests',
  )
  .addOption(modelFileOption())
  .action(async (file, options) => exit((await import('./commands/run.js')).run(file, options)));

program
  .command('exec')
  .description('run a program in the sandbox')
  .argument('<file>', 'Python (.py) or JavaScript (.js) source, or - for standard input')
  .option('--language <language>', 'python or javascript', choice('python', 'javascript'))
  .option('--backend <name>', 'backend that has to run it, such as docker')
  .option('--stdin <file>', 'file on standard input')
  .option('--limit <limits>', 'such as wall=2s,cpu=1s,memory=128M,processes=8,output=64K')
  .option('--json', 'print an object')
  .action(async (file, options) => exit((await import('./commands/exec.js')).exec(file, options)));

program
  .command('sandbox')
  .description('look at the sandbox')
  .command('probe')
  .description('say what each backend enforces on this machine, and try to get out of it')
  .option('--json', 'print an object')
  .action(async (options) => exit((await import('./commands/sandbox-probe.js')).probeSandbox(options)));

program
  .command('grade')
  .description("judge a solution by a task's tests, which run apart from it")
  .requiredOption(
    '--task <file>',
    'task file (JSON or YAML), `-` for standard input, or humaneval:HumanEval/N',
  )
  .requiredOption('--solution <file>', 'Python source')
  .option('--data <file>', 'rows of HumanEval, for --task humaneval:…')
  .option('--backend <name>', 'backend of the sandbox that has to run it')
  .option('--json', 'print an object')
  .action(async (options) => exit((await import('./commands/grade.js')).grade(options)));

const runs = program.command('runs').description('look at runs, stop and delete them');
runs
  .command('list')
  .description('list runs, newest first')
  .option('--limit <n>', 'how many', integer(1, 200), 20)
  .option(
    '--state <state>',
    'only queued, running or finished runs, or those that ended as solved, cancelled, …',
  )
  .option('--policy <policy>', 'only runs with this policy')
  .option('--task <id>', 'only runs of this task')
  .addOption(serverOption())
  .option('--json', 'one object a line')
  .action(async (options) => exit((await import('./commands/runs.js')).listRuns(options)));
runs
  .command('show')
  .description('show one run')
  .argument('<run>', 'name or unique beginning of its id')
  .addOption(serverOption())
  .option('--json', 'print an object')
  .action(async (run, options) => exit((await import('./commands/runs.js')).showRun(run, options)));
runs
  .command('watch')
  .description('follow a run as it happens, from any terminal, or see again how it went')
  .argument('<run>', 'name or unique beginning of its id')
  .option('--after <sequence>', 'only events after this one', integer(0, Number.MAX_SAFE_INTEGER), 0)
  .addOption(serverOption())
  .option('--json', 'one event a line')
  .action(async (run, options) => exit((await import('./commands/runs.js')).watchRun(run, options)));
runs
  .command('cancel')
  .description('stop a run')
  .argument('<run>', 'name or unique beginning of its id')
  .addOption(serverOption())
  .option('--json', 'print an object')
  .action(async (run, options) => exit((await import('./commands/runs.js')).cancelRun(run, options)));
runs
  .command('prune')
  .description('delete finished runs with everything that is kept of them')
  .requiredOption('--older-than <age>', 'only runs that ended longer ago, such as 12h or 30d', age)
  .option('--state <state>', 'only runs that ended as solved, unsolved, cancelled, failed, …')
  .option('--dry-run', 'count them and delete nothing')
  .addOption(serverOption())
  .option('--json', 'print an object')
  .action(async (options) => exit((await import('./commands/prune-runs.js')).pruneRuns(options)));

const keys = program.command('keys').description('make and revoke API keys of the gateway');
keys
  .command('create')
  .description('make a key and show it, once')
  .option('--name <text>', 'what to call it')
  .option('--expires <duration>', 'how long it is valid, such as 12h or 90d (default: for good)', keyLifetime)
  .addOption(tenantOption())
  .addOption(serverOption())
  .option('--json', 'print an object')
  .action(async (options) => exit((await import('./commands/keys.js')).createKey(options)));
keys
  .command('list')
  .description('list keys, newest first')
  .addOption(tenantOption())
  .addOption(serverOption())
  .option('--json', 'one object a line')
  .action(async (options) => exit((await import('./commands/keys.js')).listKeys(options)));
keys
  .command('revoke')
  .description('make a key invalid for good')
  .argument('<key>', 'its name, such as keys/0a1b…')
  .addOption(tenantOption())
  .addOption(serverOption())
  .option('--json', 'print an object')
  .action(async (key, options) => exit((await import('./commands/keys.js')).revokeKey(key, options)));

program
  .command('serve')
  .description('run every service on TCP ports, and the HTTP gateway in front of them')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option(
    '--port <n>',
    'port of the meta-agent; workflow-runner, sandbox, reward and the gateway take the next four',
    integer(1, 65_531),
    50_051,
  )
  .option('--json', 'print the addresses and an API key as one line when ready')
  .addOption(new Option('--base-url <url>', 'OpenAI-compatible endpoint').env('OPENAI_BASE_URL'))
  .option('--worker <model>', 'model that operators call')
  .option('--meta <model>', 'model that designs workflows')
  .addOption(modelFileOption())
  .action(async (options) => exit((await import('./commands/serve.js')).serve(options)));

program
  .command('doctor')
  .description('say what this machine has and what is missing, with the command that mends it')
  .option('--json', 'print an object')
  .action(async (options) => exit((await import('./commands/doctor.js')).doctor(options)));

program
  .command('test')
  .description('run every check of the tree (see flow test --help)')
  .allowUnknownOption()
  .action(() => {
    throw new Error('flow test is started by the flow script');
  });

function seedOption(): Option {
  return new Option('--seed <n>', 'seed of everything random')
    .argParser(integer(0, 4_294_967_295))
    .default(0);
}

function tenantOption(): Option {
  return new Option('--tenant <name>', 'whose keys, where this user may speak for others');
}

function keyLifetime(text: string): number {
  const days = /^([1-9]\d{0,3})d$/.exec(text)?.[1];
  return days === undefined ? duration(text) : Number(days) * 86_400_000;
}

function modelFileOption(): Option {
  return new Option(
    '--model-file <file>',
    'GGUF file of the local model, for machines without a network',
  ).env('FLOW_MODEL_FILE');
}

/** Words separated by commas. */
function list(text: string): string[] {
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

function integer(least: number, greatest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > greatest) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${greatest}.`);
    }
    return value;
  };
}

function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It must be an amount of US dollars, such as 0.25.');
  return value;
}

function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? ''];
  if (match === null || unit === undefined)
    throw new InvalidArgumentError('It must be a time such as 500ms, 90s, 5m or 1h.');
  const ms = Math.round(Number(match[1]) * unit);
  if (ms < 1 || ms > 86_400_000) throw new InvalidArgumentError('It must be between 1ms and 24h.');
  return ms;
}

function serverOption(): Option {
  return new Option('--server <address>', 'meta-agent service to use instead of the embedded one');
}

/** An age such as 12h or 30d; 0s means any. */
function age(text: string): number {
  const match = /^(\d{1,6})(s|m|h|d)$/.exec(text);
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? ''];
  if (match === null || unit === undefined)
    throw new InvalidArgumentError('It must be an age such as 90s, 12h or 30d.');
  return Number(match[1]) * unit;
}

function choice(...words: string[]): (text: string) => string {
  return (text) => {
    if (!words.includes(text)) throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.`);
    return text;
  };
}

async function exit(code: Promise<ExitCode>): Promise<void> {
  process.exitCode = await code;
}

// A reader that goes away (`flow runs list | head`) ends the command quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has already said what is wrong.
    process.exitCode = error.exitCode === 0 ? 0 : ExitCode.badInput;
  } else {
    process.exitCode = await fail(error, { json: process.argv.includes('--json') });
  }
}
