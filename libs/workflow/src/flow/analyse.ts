import type { DiagnosticList } from '../diagnostics.js';
import type { Expression, Program, SourceRange, Statement } from '../ir.js';
import { statementBlocks } from '../walk.js';
import type { RequestBounds, StaticBounds } from './bounds.js';
import { boundsOf } from './bounds.js';
import { execute } from './execute.js';
import { Exhausted, Flow, newFrame } from './flow.js';
import type { Mend, Reached } from './flow.js';
import { State, joinAll } from './state.js';
import type { Variable } from './state.js';
import type { AbstractValue } from './values.js';
import { plain } from './values.js';

/** What the flow analysis gives besides diagnostics. */
export interface Analysis {
  readonly bounds: StaticBounds;
  /** Expressions whose result has to be taken apart. */
  readonly mends: ReadonlyMap<Expression, Mend>;
}

/**
 * Runs a program abstractly: every branch, loops turn by turn as far as their
 * bounds are known, helpers at each call. Reports what no single statement
 * shows: use before assignment, wrong result fields, code that is never
 * reached, answers that depend on no operator. Gives the least and greatest
 * work. A program that is too large for it gets no such findings and open bounds.
 */
export function analyse(program: Program, diagnostics: DiagnosticList, limits: RequestBounds): Analysis {
  // What follows from other errors would only hide them.
  const hadErrors = diagnostics.hasErrors;
  const flow = new Flow(program, diagnostics);
  const { entry } = program;
  const frame = newFrame(entry, undefined);
  const start = State.initial();
  for (const parameter of entry.parameters) start.set(parameter.name, plain({ kind: 'string' }));
  flow.entered.add(entry);
  try {
    const end = execute({ flow, frame }, entry.body, start);
    runUncalled(flow);
    if (!hadErrors) {
      reportUnreachable(flow);
      reportReturns(flow, frame.returns, end);
    }
    const last = joinAll([...frame.returns.map((item) => item.state), end]);
    return { bounds: boundsOf(last?.work, limits), mends: agreed(flow.mends) };
  } catch (error) {
    if (!(error instanceof Exhausted)) throw error;
    return { bounds: boundsOf(undefined, limits), mends: new Map() };
  }
}

function agreed(mends: ReadonlyMap<Expression, Mend | undefined>): Map<Expression, Mend> {
  const certain = new Map<Expression, Mend>();
  for (const [node, mend] of mends) if (mend !== undefined) certain.set(node, mend);
  return certain;
}

/** Methods that are never called are checked on their own, so that their mistakes are seen too. */
function runUncalled(flow: Flow): void {
  for (const method of flow.program.methods) {
    if (flow.entered.has(method)) continue;
    flow.entered.add(method);
    const variables = new Map<string, Variable>(
      method.parameters.map((parameter) => [
        parameter.name,
        { value: plain({ kind: 'unknown' }), certain: true },
      ]),
    );
    const { work, control } = State.initial();
    execute(
      { flow, frame: newFrame(method, undefined) },
      method.body,
      new State(variables, work, control, false),
    );
  }
}

function reportUnreachable(flow: Flow): void {
  const walk = (block: readonly Statement[]): void => {
    const at = block.findIndex((statement) => !flow.reached.has(statement));
    const first = block[at];
    // A whole block that is not reached hangs on a condition, which may be meant.
    if (first && at > 0 && first.kind !== 'pass') {
      flow.diagnostics.add(
        'FW209',
        firstLine(first.range),
        'this is never reached; remove it, or what ends the block before it',
      );
    }
    for (const statement of block) {
      if (!flow.reached.has(statement)) continue;
      if (statement.kind === 'functionDefinition' && !flow.entered.has(statement)) continue;
      for (const inner of statementBlocks(statement)) walk(inner);
    }
  };
  for (const method of [flow.program.entry, ...flow.program.methods]) walk(method.body);
}

function firstLine(range: SourceRange): SourceRange {
  if (range.endLine === range.startLine) return range;
  return { ...range, endLine: range.startLine, endColumn: range.startColumn + 1 };
}

function reportReturns(flow: Flow, returns: readonly Reached[], end: State | undefined): void {
  const { entry } = flow.program;
  const head = { ...entry.range, endLine: entry.range.startLine, endColumn: entry.range.startColumn + 3 };
  const answers = returns.filter((item) => item.statement.value !== undefined);
  if (answers.length === 0) {
    const message =
      returns.length > 0 || end
        ? '"__call__" never returns an answer; end it with "return answer, self.llm.get_usage_summary()["total_cost"]"'
        : '"__call__" never comes to an end with an answer; add a "return" that is reached';
    flow.diagnostics.add('FW203', head, message);
    return;
  }
  if (end || answers.length < returns.length) {
    flow.diagnostics.add('FW204', head, '"__call__" can end without an answer; add a "return" at its end');
  }
  reportLiteralAnswers(flow, answers, head);
}

/**
 * An answer that no operator had a part in games the reward. Choosing between
 * different literals by what an operator answered is a classification and fine.
 */
function reportLiteralAnswers(flow: Flow, answers: readonly Reached[], head: SourceRange): void {
  const literal = answers.filter((item) => !answerOf(item.value).dependent);
  if (literal.length === 0) return;
  const chosen = new Set(literal.filter((item) => item.state.dependent).map((item) => literalText(item)));
  const classifies = chosen.size > 1;
  if (literal.length === answers.length && !classifies) {
    flow.diagnostics.add('FW205', head, 'no answer depends on an operator; return what an operator answered');
    return;
  }
  if (classifies) return;
  const seen = new Set<Statement>();
  for (const { statement } of literal) {
    const mixed = answers.some((item) => item.statement === statement && answerOf(item.value).dependent);
    if (seen.has(statement) || mixed) continue;
    seen.add(statement);
    flow.diagnostics.add(
      'FW206',
      statement.range,
      'this answer depends on no operator; return the best result so far instead',
    );
  }
}

/** The answer itself: programs return it alone or with the cost. */
function answerOf(value: AbstractValue): AbstractValue {
  return value.shape.kind === 'tuple' ? (value.shape.items[0] ?? value) : value;
}

function literalText(item: Reached): string {
  const value = item.statement.value;
  const answer = value?.kind === 'tuple' ? value.items[0] : value;
  return JSON.stringify(answer, (key: string, field: unknown) => (key === 'range' ? undefined : field)) ?? '';
}
