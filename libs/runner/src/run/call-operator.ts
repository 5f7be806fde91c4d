import { FlowError } from '@flowreasoner/rpc';
import { OperatorError, randomFrom, type OperatorOutput, type OperatorRequest } from '@flowreasoner/workflow';
import type { OperatorContext, OperatorResult } from '../operators/operator.js';
import { OPERATOR_REGISTRY } from '../operators/registry.js';
import { ModelRequests } from './model-requests.js';
import { errorTypeOf } from './run-error.js';
import type { RunSession } from './run-session.js';
import { SandboxRequests } from './sandbox-requests.js';

/** Characters of a result that its event shows. */
const SHOWN_RESULT = 4_096;

/** How operators behave. */
export type OperatorBehaviour = 'standard' | 'compatible';

/**
 * Performs one operator call and tells its beginning and end.
 *
 * @throws OperatorError for what the program may catch; anything else ends the run
 */
export async function callOperator(
  session: RunSession,
  behaviour: OperatorBehaviour,
  request: OperatorRequest,
): Promise<ReadonlyMap<string, OperatorOutput>> {
  const { events } = session;
  const { operator: name, place: callId, range, caller, follows } = request;
  const operator = OPERATOR_REGISTRY.get(name);
  if (operator === undefined) {
    throw new FlowError(
      'INTERNAL',
      'OPERATOR_MISSING',
      `operator ${name} is in the catalogue and not implemented`,
    );
  }
  const run = behaviour === 'compatible' ? (operator.compatible ?? operator.standard) : operator.standard;
  events.push({
    $case: 'operatorStarted',
    value: {
      callId,
      operator: name,
      position: { line: range.startLine, column: range.startColumn },
      follows: [...follows],
      function: caller.name,
      parentId: caller.place,
    },
  });
  const finish = (errorType: string, message: string, resultJson: string): void => {
    events.push({ $case: 'operatorFinished', value: { callId, errorType, message, resultJson } });
  };
  try {
    const result = await run(contextOf(session, request));
    finish('', '', toJson(result).slice(0, SHOWN_RESULT));
    return new Map(Object.entries(result));
  } catch (error) {
    if (error instanceof OperatorError) finish(error.type, error.message, '');
    else if (error instanceof FlowError) finish(errorTypeOf(error), error.message, '');
    else finish('INTERNAL', 'the operator failed', '');
    throw error;
  }
}

function contextOf(session: RunSession, request: OperatorRequest): OperatorContext {
  const models = new ModelRequests(session, request);
  const sandbox = new SandboxRequests(session, request);
  const { visibleChecks } = session.task;
  return {
    arguments: request.arguments,
    constructorArguments: request.constructorArguments,
    task: session.task,
    promptStyle: session.promptStyle,
    isFirstTurn: isFirstTurn(request.place),
    random: randomFrom(request.seed),
    ask: async (label, prompt) => (await models.ask(label, prompt, 1))[0] ?? '',
    askMany: (label, prompt, count) => models.ask(label, prompt, count),
    grade: (label, program) => {
      if (visibleChecks === undefined) throw new Error('there are no visible checks to grade on');
      return sandbox.grade(label, program, visibleChecks);
    },
    execute: (label, program, wallMs) => sandbox.execute(label, program, wallMs),
  };
}

/** Whether every loop on the way to a place is in its first turn. Segments of loops are `site:turn`. */
function isFirstTurn(place: string): boolean {
  return place.split('/').every((segment) => !segment.includes(':') || segment.endsWith(':0'));
}

function toJson(result: OperatorResult): string {
  return JSON.stringify(result, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));
}
