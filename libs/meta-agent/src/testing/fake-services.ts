import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from '@flowreasoner/contracts/sandbox';
import {
  CaseStatus,
  ExecutionResult,
  ExecutionStatus,
  Integrity,
  SandboxServiceClient,
  SandboxServiceService,
  VerdictStatus,
  type GradeRequest,
} from '@flowreasoner/contracts/sandbox';
import {
  RewardServiceClient,
  RewardServiceService,
  Score,
  ScoreStatus,
  type ScoreRequest,
} from '@flowreasoner/contracts/reward';
import {
  Severity,
  WorkflowServiceClient,
  WorkflowServiceService,
  type CheckWorkflowResponse,
  type RunJournaledWorkflowRequest,
  type RunWorkflowRequest,
  type WorkflowEvent,
  type WorkflowResult,
  WorkflowStatus,
} from '@flowreasoner/contracts/workflow';
import {
  createClient,
  bidiHandler,
  service,
  startServer,
  unaryHandler,
  type CallContext,
  type RunningServer,
} from '@flowreasoner/rpc';

/** One thing that a fake workflow run does: an event, or a wait that ends when the call does. */
export type FakeStep = WorkflowEvent['event'] | 'hang';

/** How the fake services behave. Tests only. */
export interface FakeBehaviour {
  /** What a workflow run does; its last step is `finished`. */
  run(request: RunWorkflowRequest, index: number): readonly FakeStep[];
  /** Cases passed of the suite's, for a candidate. */
  passes?(candidate: string, total: number): number;
  /** The whole verdict, in place of `passes`. */
  grade?(request: GradeRequest, index: number): Verdict;
  /** Told how many starts of requests the caller of a workflow run has kept, before the next step. */
  onKept?(starts: number): Promise<void>;
  /** What executing a program gives. */
  execute?(source: string): Partial<ExecutionResult>;
  score?(request: ScoreRequest): Partial<Score>;
  /** Operators on offer; default: those of the language's first version. */
  readonly operators?: readonly string[];
  /** Least model calls that the checker tells of a source. */
  leastCalls?(source: string): number;
}

/** Fakes of the services that runs call: real gRPC servers on unix sockets. */
export interface FakeServices {
  readonly workflows: WorkflowServiceClient;
  readonly sandbox: SandboxServiceClient;
  readonly reward: RewardServiceClient;
  readonly runs: RunWorkflowRequest[];
  readonly grades: GradeRequest[];
  readonly scores: ScoreRequest[];
  /** Workflow runs that were ended by their caller. */
  cancelled: number;
  /** How often the operators were asked for. */
  listed: number;
  stop(): Promise<void>;
}

const defaultOperators = [
  'custom',
  'custom_code_generate',
  'multi_generate',
  'sc_ensemble',
  'test',
  'review',
  'revise',
];

/** Starts the fakes. */
export async function startFakeServices(behaviour: FakeBehaviour): Promise<FakeServices> {
  const address = `unix:${join(tmpdir(), `flow-fake-${randomBytes(6).toString('hex')}.sock`)}`;
  const log: Pick<FakeServices, 'runs' | 'grades' | 'scores' | 'cancelled' | 'listed'> = {
    runs: [],
    grades: [],
    scores: [],
    cancelled: 0,
    listed: 0,
  };
  const server: RunningServer = await startServer({
    address,
    reflection: false,
    services: [
      workflowService(behaviour, log),
      sandboxService(behaviour, log),
      rewardService(behaviour, log),
    ],
  });
  const clients = {
    workflows: createClient(WorkflowServiceClient, { address }),
    sandbox: createClient(SandboxServiceClient, { address }),
    reward: createClient(RewardServiceClient, { address }),
  };
  return Object.assign(log, clients, {
    async stop() {
      for (const client of Object.values(clients)) client.close();
      await server.drain(0);
    },
  });
}

type Log = Pick<FakeServices, 'runs' | 'grades' | 'scores' | 'cancelled' | 'listed'>;

function workflowService(behaviour: FakeBehaviour, log: Log) {
  return service(WorkflowServiceService, {
    checkWorkflow: unaryHandler((request) => Promise.resolve(check(request.source, behaviour))),
    listOperators: unaryHandler(() => {
      log.listed++;
      return Promise.resolve({
        operators: (behaviour.operators ?? defaultOperators).map((name) => ({
          name,
          description: `Does ${name}.`,
          parameters: [{ name: 'problem', type: 'string', required: true, defaultLiteral: '' }],
          resultFields: ['response'],
          leastModelCalls: 1,
          greatestModelCalls: 1,
        })),
        nextPageToken: '',
      });
    }),
    getGrammar: unaryHandler((request) =>
      Promise.resolve({ grammar: `root ::= "x" # without ${request.exclude.length}` }),
    ),
    runJournaledWorkflow: bidiHandler(async function* (requests, call) {
      const said = requests[Symbol.asyncIterator]();
      const first = (await said.next()).value?.request;
      if (first?.$case !== 'start') throw new Error('the first message is no start');
      log.runs.push(first.value);
      let starts = 0;
      for (const step of behaviour.run(first.value, log.runs.length - 1)) {
        if (step === 'hang') {
          await hang(call, log);
          continue;
        }
        yield { event: { atMs: 1, event: step } };
        const isStart = step?.$case === 'modelRequestStarted' || step?.$case === 'sandboxRequestStarted';
        if (!isStart) continue;
        await untilKept(said, (starts += 1));
        await behaviour.onKept?.(starts);
      }
    }),
  });
}

/** Reads on until so many starts of requests are kept, as the runner does before it sends one. */
async function untilKept(said: AsyncIterator<RunJournaledWorkflowRequest>, starts: number): Promise<void> {
  for (;;) {
    const request = (await said.next()).value?.request;
    if (request?.$case !== 'keptStarts') throw new Error('the requests ended');
    if (request.value === starts) return;
    if (request.value > starts) throw new Error('more starts are kept than there were');
  }
}

async function hang({ signal }: CallContext, log: Log): Promise<void> {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  log.cancelled++;
  signal.throwIfAborted();
}

/** Valid unless the text says otherwise; equal texts have equal structures. */
function check(source: string, behaviour: FakeBehaviour): CheckWorkflowResponse {
  const valid = source.includes('class') && !source.includes('INVALID');
  const position = { line: 1, column: 1 };
  const message = 'There is no workflow class; write one.';
  const least = {
    operatorCalls: 1,
    modelCalls: behaviour.leastCalls?.(source) ?? 1,
    tokens: undefined,
    criticalPath: undefined,
  };
  return {
    valid,
    diagnostics: valid
      ? []
      : [{ code: 'FW001', severity: Severity.SEVERITY_ERROR, message, start: position, end: position }],
    program: undefined,
    bounds: valid ? { least, greatest: least } : undefined,
    measures: undefined,
    normalForm: valid ? source.trim() : '',
    reasoning: '',
    modification: /<modification>(.*?)<\/modification>/s.exec(source)?.[1] ?? '',
  };
}

function sandboxService(behaviour: FakeBehaviour, log: Log) {
  return service(SandboxServiceService, {
    grade: unaryHandler((request) => {
      log.grades.push(request);
      const index = log.grades.length - 1;
      return Promise.resolve({
        verdict: behaviour.grade?.(request, index) ?? gradeByCount(request, behaviour),
      });
    }),
    execute: unaryHandler((request) => {
      const source = Buffer.from(request.execution?.source ?? '').toString();
      const result = ExecutionResult.fromPartial({
        status: ExecutionStatus.EXECUTION_STATUS_EXITED,
        wallMs: 5,
        ...behaviour.execute?.(source),
      });
      return Promise.resolve({ result });
    }),
  });
}

function gradeByCount(request: GradeRequest, behaviour: FakeBehaviour): Verdict {
  const form = request.suite?.suite;
  const asserts = form?.$case === 'function' ? form.value.asserts : ['case'];
  const passed =
    behaviour.passes?.(Buffer.from(request.candidate).toString(), asserts.length) ?? asserts.length;
  return {
    status:
      passed === asserts.length ? VerdictStatus.VERDICT_STATUS_PASSED : VerdictStatus.VERDICT_STATUS_FAILED,
    integrity: Integrity.INTEGRITY_ISOLATED,
    passed,
    total: asserts.length,
    passRate: passed / asserts.length,
    cases: asserts.map((source, index) => ({
      index,
      status: index < passed ? CaseStatus.CASE_STATUS_PASSED : CaseStatus.CASE_STATUS_FAILED,
      source,
      expected: '3',
      actual: index < passed ? '3' : '4',
      errorType: '',
      message: '',
      wallMs: 1,
    })),
    message: '',
    wallMs: 10,
    cpuMs: 5,
    backend: 'fake',
    isolations: [],
  };
}

function rewardService(behaviour: FakeBehaviour, log: Log) {
  return service(RewardServiceService, {
    score: unaryHandler((request) => {
      log.scores.push(request);
      const score = Score.fromPartial({
        status: ScoreStatus.SCORE_STATUS_OK,
        reward: 1.5,
        passRates: { passed: 4, total: 4, strictPassed: 2, strictTotal: 2 },
        ...behaviour.score?.(request),
      });
      return Promise.resolve({ score });
    }),
  });
}

/** The last event of a workflow run that gave an answer with one model call. */
export function answered(answer: string, more: Partial<WorkflowResult> = {}): FakeStep {
  return {
    $case: 'finished',
    value: {
      status: WorkflowStatus.WORKFLOW_STATUS_SUCCEEDED,
      answer,
      errorType: '',
      message: '',
      usage: { modelCalls: 1, promptTokens: 100, completionTokens: 20, costUsd: 0.001, sandboxMs: 0 },
      wallMs: 7,
      operatorCalls: 1,
      diagnostics: [],
      partialAnswers: [],
      ...more,
    },
  };
}
