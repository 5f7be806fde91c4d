import type { OperatorParameter, OperatorSignature } from '../operators.js';
import { OPERATORS } from '../operators.js';

/** How a step changes what is defined: a further variable, or the list of solutions filled or used up. */
export type StepEffect = 'variable' | 'fills-list' | 'takes-list' | 'nothing';

/** One kind of step of a program, such as "define custom" or "retry custom_code_generate". */
export interface Step {
  /** Names the step in structures: letters, digits and "-" only. */
  readonly name: string;
  readonly effect: StepEffect;
  /** Least number of variables that must be there. */
  readonly needs: number;
  /** Right side of its grammar rule where `variables` are defined. */
  readonly body: (variables: number) => string;
  /** Matches the lines of the step in a program whose strings are emptied. */
  readonly pattern: RegExp;
}

/** Quotes text as a literal of the grammar. */
export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

const I = '        ';
/** What programs return besides the answer. */
export const COST = 'self.llm.get_usage_summary()["total_cost"]';
const NAME = 's\\d';

/** Parameters that a generator fills by itself; others are left to their defaults. */
const FILLED = new Set(['input', 'problem', 'entry_point', 'instruction', 'solution', 'solutions', 'n']);

/** How the arguments of a call are written: text of the program, or the name of a rule. */
type Piece = { readonly text: string } | { readonly rule: string };

interface CallOptions {
  readonly variables: number;
  /** What stands for `solution`. */
  readonly solution: Piece;
  /** What stands for `solutions`. */
  readonly solutions: Piece;
  /** Whether a reviewer is on offer, for `feedback`. */
  readonly reviewer: boolean;
}

function argument(parameter: OperatorParameter, options: CallOptions): Piece[] {
  const { name } = parameter;
  switch (name) {
    case 'input':
      return [{ text: 'input=' }, { rule: `in-${options.variables}` }];
    case 'instruction':
      return [{ text: 'instruction="' }, { rule: 'text' }, { text: '"' }];
    case 'n':
      return [{ text: 'n=' }, { rule: 'num' }];
    case 'solution':
      return [{ text: 'solution=' }, options.solution];
    case 'solutions':
      return [{ text: 'solutions=' }, options.solutions];
    case 'feedback': {
      const review = OPERATORS.get('review');
      if (!review) return [];
      return [
        { text: 'feedback=(' },
        ...call(review, { ...options, reviewer: false }),
        { text: ')["feedback"]' },
      ];
    }
    default:
      return [{ text: `${name}=${name}` }];
  }
}

function call(operator: OperatorSignature, options: CallOptions): Piece[] {
  const used = operator.parameters.filter(
    (parameter) => FILLED.has(parameter.name) || (parameter.name === 'feedback' && options.reviewer),
  );
  const args = used.map((parameter) => argument(parameter, options));
  const listed = args.flatMap((pieces, index) => (index === 0 ? pieces : [{ text: ', ' }, ...pieces]));
  return [{ text: `await self.${operator.name}(` }, ...listed, { text: ')' }];
}

/** Writes pieces as one sequence of the grammar, neighbouring texts joined. */
function sequence(pieces: readonly Piece[]): string {
  const parts: string[] = [];
  let text = '';
  for (const piece of pieces) {
    if ('text' in piece) text += piece.text;
    else {
      if (text !== '') parts.push(quote(text));
      text = '';
      parts.push(piece.rule);
    }
  }
  if (text !== '') parts.push(quote(text));
  return parts.join(' ');
}

function has(operator: OperatorSignature, name: string): boolean {
  return operator.parameters.some((parameter) => parameter.name === name);
}

/** Whether the grammar knows what to give to every parameter that must be given. */
function isCallable(operator: OperatorSignature): boolean {
  return operator.parameters.every((parameter) => !parameter.required || FILLED.has(parameter.name));
}

const dashed = (name: string): string => name.replaceAll('_', '-');
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The steps that programs over the given operators are made of. */
export function stepsFor(operators: readonly OperatorSignature[]): Step[] {
  const names = new Set(operators.map((operator) => operator.name));
  const callable = operators.filter(isCallable);
  const generators = callable.filter(
    (operator) =>
      operator.mainField !== undefined && !has(operator, 'solution') && !has(operator, 'solutions'),
  );
  return [
    ...callable
      .filter(
        (operator) =>
          operator.mainField !== undefined && !has(operator, 'solutions') && operator.name !== 'review',
      )
      .map(define),
    ...callable
      .filter((operator) => has(operator, 'solutions'))
      .flatMap((operator) => [vote(operator), pick(operator)]),
    ...generators.map(collect),
    ...callable.filter((operator) => operator.name === 'multi_generate').map(sample),
    ...(names.has('test') ? [check(), ...generators.map(retry)] : []),
  ];
}

/** Name of the rule for a call of an operator; it has the number of variables only where the call depends on it. */
function callRule(operator: OperatorSignature, variables: number): string {
  const depends = has(operator, 'input') || has(operator, 'solution');
  return `call-${dashed(operator.name)}${depends ? `-${variables}` : ''}`;
}

/** Right side of the rule `call-…` of an operator where `variables` are defined. */
export function callBody(operator: OperatorSignature, variables: number, reviewer: boolean): string {
  return sequence(call(operator, options(variables, reviewer)));
}

function options(variables: number, reviewer = false): CallOptions {
  return { variables, solution: { rule: `v-${variables}` }, solutions: { text: 'solutions' }, reviewer };
}

function assigned(operator: OperatorSignature, given: CallOptions): string {
  const target = `${I}s${given.variables + 1} = (`;
  return sequence([
    { text: target },
    ...call(operator, given),
    { text: `)["${operator.mainField ?? ''}"]\n` },
  ]);
}

function define(operator: OperatorSignature): Step {
  return {
    name: `define-${dashed(operator.name)}`,
    effect: 'variable',
    needs: has(operator, 'solution') ? 1 : 0,
    body: (variables) => assigned(operator, options(variables)),
    pattern: new RegExp(`^${I}${NAME} = \\(await self\\.${operator.name}\\(.*\\)\\[""\\]\\n`),
  };
}

function vote(operator: OperatorSignature): Step {
  return {
    name: `vote-${dashed(operator.name)}`,
    effect: 'takes-list',
    needs: 0,
    body: (variables) => assigned(operator, options(variables)),
    pattern: new RegExp(
      `^${I}${NAME} = \\(await self\\.${operator.name}\\(solutions=solutions\\b.*\\)\\[""\\]\\n`,
    ),
  };
}

function pick(operator: OperatorSignature): Step {
  return {
    name: `pick-${dashed(operator.name)}`,
    effect: 'variable',
    needs: 2,
    body: (variables) =>
      assigned(operator, { ...options(variables), solutions: { rule: `some-${variables}` } }),
    pattern: new RegExp(`^${I}${NAME} = \\(await self\\.${operator.name}\\(solutions=\\[.*\\)\\[""\\]\\n`),
  };
}

function collect(operator: OperatorSignature): Step {
  const start = `${I}solutions = []\n${I}for _ in range(`;
  const loop = `):\n${I}    solutions.append((`;
  return {
    name: `collect-${dashed(operator.name)}`,
    effect: 'fills-list',
    needs: 0,
    body: (variables) =>
      sequence([
        { text: start },
        { rule: 'num' },
        { text: loop },
        { rule: callRule(operator, variables) },
        { text: `)["${operator.mainField ?? ''}"])\n` },
      ]),
    pattern: new RegExp(
      `^${escaped(start)}\\d${escaped(loop)}await self\\.${operator.name}\\(.*\\)\\[""\\]\\)\\n`,
    ),
  };
}

function sample(operator: OperatorSignature): Step {
  return {
    name: `collect-${dashed(operator.name)}`,
    effect: 'fills-list',
    needs: 0,
    body: (variables) =>
      sequence([
        { text: `${I}solutions = (` },
        { rule: callRule(operator, variables) },
        { text: ')["responses"]\n' },
      ]),
    pattern: new RegExp(`^${I}solutions = \\(await self\\.${operator.name}\\(.*\\)\\[""\\]\\n`),
  };
}

function testCall(solution: Piece, indent: string): Piece[] {
  const test = OPERATORS.get('test');
  const made = test ? call(test, { ...options(0), solution }) : [];
  const after = `\n${indent}if check["result"]:\n${indent}    return check["solution"], ${COST}\n`;
  return [{ text: `${indent}check = ` }, ...made, { text: after }];
}

const CHECK = (indent: string): string =>
  `${indent}check = await self\\.test\\(.*\\)\\n${indent}if check\\[""\\]:\\n${indent}    return check\\[""\\], .*\\n`;

function check(): Step {
  return {
    name: 'check-test',
    effect: 'nothing',
    needs: 1,
    body: (variables) => sequence(testCall({ rule: `v-${variables}` }, I)),
    pattern: new RegExp(`^${CHECK(I)}`),
  };
}

function retry(operator: OperatorSignature): Step {
  const inner = `${I}    `;
  const turn = (variable: number, variables: number): string =>
    sequence([
      { text: `${I}for _ in range(` },
      { rule: 'num' },
      { text: '):\n' },
      ...testCall({ text: `s${variable}` }, inner),
      { text: `${inner}s${variable} = (` },
      { rule: callRule(operator, variables) },
      { text: `)["${operator.mainField ?? ''}"]\n` },
    ]);
  return {
    name: `retry-${dashed(operator.name)}`,
    effect: 'nothing',
    needs: 1,
    // The latest answer is the one worth mending.
    body: (variables) => turn(variables, variables),
    pattern: new RegExp(
      `^${I}for _ in range\\(\\d\\):\\n${CHECK(inner)}${inner}${NAME} = \\(await self\\.${operator.name}\\(.*\\)\\[""\\]\\n`,
    ),
  };
}
