import type { OperatorSignature } from '../operators.js';
import { OPERATORS, OPERATOR_NAMES } from '../operators.js';
import type { Step } from './steps.js';
import { COST, callBody, quote, stepsFor } from './steps.js';
import type { Excluded } from './structure.js';
import { excludedTree, structureOf } from './structure.js';

/** What a grammar is made for. */
export interface GrammarOptions {
  /** Names of the operators on offer; all when absent or empty. */
  readonly operators?: readonly string[];
  /** Greatest number of steps before the return, 1 to 12; 6 when absent. */
  readonly maxStatements?: number;
  /** Normal forms of programs whose structure is to be left out; those of other shapes are passed over. */
  readonly exclude?: readonly string[];
}

/** Default of {@link GrammarOptions.maxStatements}. */
export const DEFAULT_STATEMENTS = 6;
/** Greatest value of {@link GrammarOptions.maxStatements}. */
export const MAX_STATEMENTS = 12;
/** Greatest number of excluded programs. */
export const MAX_EXCLUDED = 64;

/** Variables s1, s2, … of a program. */
const MAX_VARIABLES = 3;
const HEAD = 'class Workflow:\n    async def __call__(self, ';

/**
 * A grammar for programs in normal form over given operators, as GBNF in the
 * subset that llama.cpp and xgrammar both load: literals, character classes,
 * `{m,n}` of classes, sequences and choices. Its rules are states — how many
 * variables there are, whether there is a list of solutions, how many steps are
 * left — so that a name is always defined before it is used, and each operator
 * is called by its signature. Rule `program` gives the class alone, `root` an
 * answer with its tags.
 *
 * @throws RangeError for an option out of range, for operators from which no
 * program can be made, and where nothing is left beside what is excluded
 */
export function workflowGrammar(options: GrammarOptions = {}): string {
  const maxStatements = options.maxStatements ?? DEFAULT_STATEMENTS;
  if (!Number.isInteger(maxStatements) || maxStatements < 1 || maxStatements > MAX_STATEMENTS) {
    throw new RangeError(`maxStatements must be a whole number from 1 to ${MAX_STATEMENTS}`);
  }
  const exclude = options.exclude ?? [];
  if (exclude.length > MAX_EXCLUDED) throw new RangeError(`at most ${MAX_EXCLUDED} programs can be excluded`);
  const operators = chosen(options.operators);
  const steps = stepsFor(operators);
  const structures = exclude.map((text) => structureOf(text, steps)).filter((item) => item !== undefined);
  const builder = new GrammarBuilder(steps, operators, maxStatements, excludedTree(structures));
  return builder.build();
}

function chosen(names: readonly string[] | undefined): OperatorSignature[] {
  const wanted = names && names.length > 0 ? names : OPERATOR_NAMES;
  return [...new Set(wanted)].map((name) => {
    const operator = OPERATORS.get(name);
    if (!operator) throw new RangeError(`there is no operator "${name}"`);
    return operator;
  });
}

interface State {
  readonly variables: number;
  readonly list: boolean;
  readonly left: number;
  /** Where in the excluded structures the steps so far lead; undefined when they left them. */
  readonly excluded: Excluded | undefined;
}

class GrammarBuilder {
  private readonly rules = new Map<string, string>();
  /** Rule names of states; undefined for those from which no program can be completed. */
  private readonly states = new Map<string, string | undefined>();

  constructor(
    private readonly steps: readonly Step[],
    private readonly operators: readonly OperatorSignature[],
    private readonly maxStatements: number,
    private readonly excluded: Excluded,
  ) {}

  build(): string {
    const first = this.state({
      variables: 0,
      list: false,
      left: this.maxStatements,
      excluded: this.excluded.next.size > 0 ? this.excluded : undefined,
    });
    if (first === undefined)
      throw new RangeError('no program can be made of these operators beside what is excluded');
    const isCode = this.operators.some((operator) =>
      operator.parameters.some((parameter) => parameter.name === 'entry_point'),
    );
    const head = `${HEAD}problem${isCode ? ', entry_point' : ''}):\n`;
    const all = [
      ['root', `"<modification>" text "</modification>\\n<graph>\\n" program "</graph>"`],
      ['program', `${quote(head)} ${first}`],
      ['text', '[A-Z] [A-Za-z0-9 ,.:;()/+*=-]{4,100}'],
      ['num', '[2-5]'],
      ...this.rules,
    ];
    return `${all.map(([name, body]) => `${name} ::= ${body}`).join('\n')}\n`;
  }

  private state(state: State): string | undefined {
    const { variables, list, left, excluded } = state;
    const name = `b-${variables}-${list ? 1 : 0}-${left}${excluded ? `-x${excluded.id}` : ''}`;
    if (this.states.has(name)) return this.states.get(name);
    const choices: string[] = [];
    if (variables > 0 && excluded?.ends !== true) choices.push(this.ending(variables));
    if (left > 0) {
      // Steps that lead to one state are one choice.
      const groups = new Map<string, Step[]>();
      for (const step of this.steps) {
        const target = this.after(state, step);
        if (target !== undefined) groups.set(target, [...(groups.get(target) ?? []), step]);
      }
      for (const [target, steps] of groups) choices.push(`${this.group(steps, variables)} ${target}`);
    }
    const rule = choices.length > 0 ? name : undefined;
    this.states.set(name, rule);
    if (rule !== undefined) this.rules.set(name, choices.join(' | '));
    return rule;
  }

  /** The state after a step; undefined when it cannot be taken or leads nowhere. */
  private after(state: State, step: Step): string | undefined {
    const { effect, needs } = step;
    const adds = effect === 'variable' || effect === 'takes-list';
    if (state.variables < needs || (adds && state.variables >= MAX_VARIABLES)) return undefined;
    if ((effect === 'takes-list') !== state.list && (effect === 'takes-list' || effect === 'fills-list'))
      return undefined;
    return this.state({
      variables: state.variables + (adds ? 1 : 0),
      list: effect === 'fills-list' || (state.list && effect !== 'takes-list'),
      left: state.left - 1,
      excluded: state.excluded?.next.get(step.name),
    });
  }

  private ending(variables: number): string {
    return this.rule(
      `ret-${variables}`,
      () => `${quote('        return ')} ${this.variable(variables)} ${quote(`, ${COST}\n`)}`,
    );
  }

  /** A choice of steps; the rule of a choice is shared by all states that offer it. */
  private group(steps: readonly Step[], variables: number): string {
    const rules = steps.map((step) => this.step(step, variables));
    const [only] = rules;
    if (only !== undefined && rules.length === 1) return only;
    const body = rules.join(' | ');
    for (const [name, existing] of this.rules) if (existing === body && name.startsWith('g-')) return name;
    const name = `g-${variables}-${this.rules.size}`;
    this.rules.set(name, body);
    return name;
  }

  private step(step: Step, variables: number): string {
    return this.rule(`${step.name}-${variables}`, () => {
      const body = step.body(variables);
      this.provide(body);
      return body;
    });
  }

  /** Defines the rules that a right side names. */
  private provide(body: string): void {
    const names = body.replace(/"(?:[^"\\]|\\.)*"/g, ' ').match(/[a-z][a-z0-9-]*/g) ?? [];
    for (const name of names) {
      const variables = Number(/-(\d)$/.exec(name)?.[1] ?? 0);
      if (name.startsWith('v-')) this.variable(variables);
      if (name.startsWith('in-')) this.input(variables);
      if (name.startsWith('some-')) this.several(variables);
      if (name.startsWith('call-')) this.call(name, variables);
    }
  }

  private call(name: string, variables: number): void {
    const plain = name
      .replace(/^call-/, '')
      .replace(/-\d$/, '')
      .replaceAll('-', '_');
    const operator = this.operators.find((candidate) => candidate.name === plain);
    const reviewer = this.operators.some((candidate) => candidate.name === 'review');
    if (!operator) throw new RangeError(`the rule ${name} belongs to no operator`);
    this.rule(name, () => {
      const body = callBody(operator, variables, reviewer);
      this.provide(body);
      return body;
    });
  }

  private variable(variables: number): string {
    return this.rule(`v-${variables}`, () => `"s" [1-${variables}]`);
  }

  private input(variables: number): string {
    return this.rule(`in-${variables}`, () =>
      variables === 0
        ? '"problem"'
        : `"problem" | ${quote('f"{problem}\\n\\n{')} ${this.variable(variables)} ${quote('}"')}`,
    );
  }

  private several(variables: number): string {
    return this.rule(`some-${variables}`, () => {
      const lists = Array.from({ length: variables - 1 }, (_, index) =>
        quote(`[${Array.from({ length: index + 2 }, (_item, at) => `s${at + 1}`).join(', ')}]`),
      );
      return lists.join(' | ');
    });
  }

  private rule(name: string, body: () => string): string {
    if (!this.rules.has(name)) {
      // Reserve the place, so that rules read from the outside in.
      this.rules.set(name, '');
      this.rules.set(name, body());
    }
    return name;
  }
}
