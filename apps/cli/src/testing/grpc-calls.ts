import type { CurlReply, JsonMessage } from './buf-curl.js';

/** What earlier calls made, for calls that need it. */
export interface CallSubjects {
  /** Name of a finished run. */
  readonly run: string;
  /** Handle of a task in the reward service. */
  readonly task: string;
  /** Name of an API key that may be revoked, and a key that is valid. */
  readonly key: string;
  readonly apiKey: string;
}

/** How a call ends. */
export type Outcome =
  | { readonly answers: (messages: readonly JsonMessage[]) => boolean }
  | { readonly refuses: 'invalid_argument'; readonly fields: readonly string[] };

/** The calls of one method. */
export interface MethodCalls {
  /** A small request, or the requests of a stream. */
  readonly requests: (subjects: CallSubjects) => readonly object[];
  readonly outcome: Outcome;
  /** What becomes of an empty request. */
  readonly empty: Outcome;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const metaAgent = 'flowreasoner.metaagent.v1.MetaAgentService';
const keys = 'flowreasoner.metaagent.v1.KeyService';
const workflow = 'flowreasoner.workflow.v1.WorkflowService';
const sandbox = 'flowreasoner.sandbox.v1.SandboxService';
const reward = 'flowreasoner.reward.v1.RewardService';

/** Service of the ready line that answers each gRPC service. */
export const addressNames: Readonly<Record<string, string>> = {
  [metaAgent]: 'meta-agent',
  [keys]: 'meta-agent',
  [workflow]: 'workflow-runner',
  [sandbox]: 'sandbox',
  [reward]: 'reward',
};

/** Full names of methods that the specs call by name. */
export const methods = {
  createRun: `${metaAgent}/CreateRun`,
  getRun: `${metaAgent}/GetRun`,
  cancelRun: `${metaAgent}/CancelRun`,
  listRuns: `${metaAgent}/ListRuns`,
  solve: `${metaAgent}/Solve`,
  watchRun: `${metaAgent}/WatchRun`,
  createKey: `${keys}/CreateKey`,
  runWorkflow: `${workflow}/RunWorkflow`,
  putTask: `${reward}/PutTask`,
  score: `${reward}/Score`,
} as const;

/** A query whose example is its visible check. */
export const doubleTask = {
  problem: 'def double(x):\n    """Return twice x.\n\n    >>> double(2)\n    4\n    """\n',
};

/** A program that solves it. */
export const doubleProgram = 'def double(x):\n    return x * 2\n';

/** A workflow of one model request. */
export const singleCall = `class Workflow:
    async def __call__(self, problem, entry_point):
        s = await self.custom_code_generate(problem=problem, entry_point=entry_point, instruction="")
        return s['response'], self.llm.get_usage_summary()["total_cost"]
`;

/** Hidden tests of the query. */
export const hiddenTests = { function: { entryPoint: 'double', asserts: ['assert double(7) == 14'] } };

const program = { source: base64('print(6 * 7)') };
const printed42 = (result: unknown): boolean =>
  (result as { stdout?: string } | undefined)?.stdout === base64('42\n');
const sample = { sampleId: 'a', answer: doubleProgram, valid: true, executed: true };
const passed = (score: unknown): boolean =>
  JSON.stringify((score as { passRates?: unknown } | undefined)?.passRates)?.includes('"passed":1') ?? false;

const has =
  (...names: string[]) =>
  (messages: readonly JsonMessage[]): boolean =>
    messages.length === 1 && names.every((name) => name in (messages[0] ?? {}));
const first =
  (holds: (message: JsonMessage) => boolean) =>
  ([message]: readonly JsonMessage[]): boolean =>
    message !== undefined && holds(message);
const last =
  (text: string) =>
  (messages: readonly JsonMessage[]): boolean =>
    JSON.stringify(messages.at(-1))?.includes(text) ?? false;
const wants = (...fields: string[]): Outcome => ({ refuses: 'invalid_argument', fields });

/** A call of every method of every service, and how it ends. */
export const calls: Readonly<Record<string, MethodCalls>> = {
  [methods.createRun]: {
    requests: () => [{ task: doubleTask }],
    outcome: { answers: has('run') },
    empty: wants('task'),
  },
  [methods.getRun]: {
    requests: ({ run }) => [{ name: run }],
    outcome: { answers: last('RUN_STATUS_SOLVED') },
    empty: wants('name'),
  },
  [methods.listRuns]: {
    requests: () => [{ pageSize: 1 }],
    outcome: { answers: has('runs', 'nextPageToken') },
    empty: { answers: has('runs') },
  },
  [methods.cancelRun]: {
    requests: ({ run }) => [{ name: run }],
    outcome: { answers: has('run') },
    empty: wants('name'),
  },
  [methods.watchRun]: {
    requests: ({ run }) => [{ name: run, afterSequence: '2' }],
    outcome: { answers: last('"runFinished"') },
    empty: wants('name'),
  },
  [methods.solve]: {
    requests: () => [{ task: doubleTask }],
    outcome: { answers: last('RUN_STATUS_SOLVED') },
    empty: wants('task'),
  },
  [`${metaAgent}/ProposeWorkflow`]: {
    requests: () => [{ task: doubleTask }],
    outcome: { answers: last('"valid":true') },
    empty: wants('task'),
  },
  [`${metaAgent}/ExportTrajectories`]: {
    requests: () => [{ status: 'RUN_STATUS_SOLVED' }],
    outcome: { answers: last('rowJson') },
    empty: { answers: last('rowJson') },
  },
  [`${metaAgent}/PruneRuns`]: {
    requests: () => [{ endedBefore: '2000-01-01T00:00:00Z', dryRun: true }],
    outcome: { answers: (messages) => messages.length === 1 },
    empty: wants('ended_before'),
  },

  [methods.createKey]: {
    requests: () => [{ displayName: 'a' }],
    outcome: { answers: has('key', 'secret') },
    empty: { answers: has('key', 'secret') },
  },
  [`${keys}/ListKeys`]: {
    requests: () => [{ pageSize: 1 }],
    outcome: { answers: has('keys') },
    empty: { answers: has('keys') },
  },
  [`${keys}/RevokeKey`]: {
    requests: ({ key }) => [{ name: key }],
    outcome: { answers: last('revokeTime') },
    empty: wants('name'),
  },
  [`${keys}/VerifyKey`]: {
    requests: ({ apiKey }) => [{ secret: apiKey }],
    outcome: { answers: has('key') },
    empty: wants('secret'),
  },

  [`${workflow}/CheckWorkflow`]: {
    requests: () => [{ source: singleCall }],
    outcome: { answers: has('valid', 'program', 'bounds', 'measures', 'normalForm') },
    empty: { answers: has('diagnostics') },
  },
  [methods.runWorkflow]: {
    requests: () => [{ source: singleCall, problem: doubleTask.problem, entryPoint: 'double' }],
    outcome: { answers: last('WORKFLOW_STATUS_SUCCEEDED') },
    empty: { answers: last('WORKFLOW_STATUS_INVALID') },
  },
  [`${workflow}/RunJournaledWorkflow`]: {
    // Whoever keeps the start of a model request has to read it first.
    requests: () => [{ start: { source: 'class Workflow: pass', problem: doubleTask.problem } }],
    outcome: { answers: last('WORKFLOW_STATUS_INVALID') },
    empty: wants(),
  },
  [`${workflow}/ListOperators`]: {
    requests: () => [{ pageSize: 2 }],
    outcome: { answers: has('operators', 'nextPageToken') },
    empty: { answers: has('operators') },
  },
  [`${workflow}/GetGrammar`]: {
    requests: () => [{ maxStatements: 2 }],
    outcome: { answers: has('grammar') },
    empty: { answers: has('grammar') },
  },

  [`${sandbox}/Execute`]: {
    requests: () => [{ execution: program }],
    outcome: { answers: first(({ result }) => printed42(result)) },
    empty: wants('execution'),
  },
  [`${sandbox}/ExecuteBatch`]: {
    requests: () => ['a', 'b'].map((executionId) => ({ executionId, execution: program })),
    outcome: {
      answers: (messages) =>
        messages.length === 2 &&
        messages.every(({ result }) => printed42(result)) &&
        messages
          .map(({ executionId }) => executionId)
          .sort()
          .join() === 'a,b',
    },
    empty: wants('execution_id'),
  },
  [`${sandbox}/ExecuteStream`]: {
    requests: () => [
      { start: { source: base64('print(input())') } },
      { stdin: base64('hello\n') },
      { closeStdin: true },
    ],
    outcome: {
      answers: (messages) =>
        messages.some(({ stdout }) => stdout === base64('hello\n')) && last('STATUS_EXITED')(messages),
    },
    empty: wants('execution'),
  },
  [`${sandbox}/Grade`]: {
    requests: () => [{ candidate: base64(doubleProgram), suite: hiddenTests }],
    outcome: { answers: last('VERDICT_STATUS_PASSED') },
    empty: wants('suite'),
  },
  [`${sandbox}/PutBlob`]: {
    requests: () => [{ data: base64('bytes') }],
    outcome: { answers: has('sha256', 'timeToLive') },
    empty: { answers: has('sha256', 'timeToLive') },
  },
  [`${sandbox}/GetCapabilities`]: {
    requests: () => [{}],
    outcome: { answers: has('backends', 'defaultLimits', 'maxLimits') },
    empty: { answers: has('backends') },
  },

  [methods.putTask]: {
    requests: () => [{ hiddenTests }],
    outcome: { answers: last('INTEGRITY_ISOLATED') },
    empty: wants('hidden_tests'),
  },
  [`${reward}/Score`]: {
    requests: ({ task }) => [{ task, sample }],
    outcome: { answers: first(({ score }) => passed(score)) },
    empty: wants('task', 'sample'),
  },
  [`${reward}/ScoreGroup`]: {
    requests: ({ task }) => [{ task, samples: [sample, { ...sample, sampleId: 'b', answer: 'x = 1' }] }],
    outcome: {
      answers: first(({ scores }) => Array.isArray(scores) && scores.length === 2 && passed(scores[0])),
    },
    empty: wants('task', 'samples'),
  },
  [`${reward}/ScoreStream`]: {
    requests: ({ task }) => ['c', 'd'].map((sampleId) => ({ task, sample: { ...sample, sampleId } })),
    outcome: { answers: (messages) => messages.length === 2 && messages.every(({ score }) => passed(score)) },
    empty: wants('task', 'sample'),
  },
  [`${reward}/GetRewardSpec`]: {
    requests: () => [{ name: 'specs/correctness' }],
    outcome: { answers: last('specs/correctness@') },
    empty: { answers: last('specs/default@') },
  },
  [`${reward}/ListRewardSpecs`]: {
    requests: () => [{ pageSize: 1 }],
    outcome: { answers: has('specs', 'nextPageToken') },
    empty: { answers: has('specs') },
  },
};

/** Says in what a reply differs from the outcome; undefined when it does not. */
export function mismatch(reply: CurlReply, outcome: Outcome): string | undefined {
  const { messages, error } = reply;
  const shown = `${JSON.stringify(error ?? null)} ${JSON.stringify(messages).slice(0, 2000)}`;
  if ('answers' in outcome) {
    return error === undefined && outcome.answers(messages)
      ? undefined
      : `another answer was expected: ${shown}`;
  }
  const expected =
    error?.reason !== undefined && outcome.fields.every((field) => error.fields.includes(field));
  return expected && error?.code === outcome.refuses && messages.length === 0
    ? undefined
    : `${outcome.refuses} with details was expected: ${shown}`;
}
