import type { DiagnosticList } from '../diagnostics.js';
import type { Expression, FunctionDefinition, Program, Return, Statement } from '../ir.js';
import { Isolation } from '../interpreter/isolation.js';
import { LiveResults } from '../interpreter/live-results.js';
import { visitExpression, visitStatements } from '../walk.js';
import type { State } from './state.js';
import type { AbstractValue } from './values.js';

/** How a result that stands for a text is mended: its field is taken, or that of each of a list. */
export interface Mend {
  readonly kind: 'field' | 'fields';
  readonly field: string;
}

/** A `return` that was reached. */
export interface Reached {
  readonly statement: Return;
  readonly value: AbstractValue;
  readonly state: State;
}

/** The function at work. */
export interface Frame {
  readonly node: FunctionDefinition | undefined;
  readonly returns: Reached[];
  /** State of the frame that this function was called from: what its free names are looked up in. */
  readonly outer: { readonly frame: Frame; readonly state: State } | undefined;
  /** For each loop at work, the states that leave it and that go on with its next turn. */
  readonly loops: { breaks: State[]; continues: State[] }[];
  /** For each `try` at work, the states from which an error may come. */
  readonly tries: State[][];
}

/** Abstract steps after which the analysis gives up: some tens of milliseconds. */
const MAX_STEPS = 20_000;

/** Helpers called from helpers, at most, before the analysis gives up. */
const MAX_FRAMES = 25;

/** Values that nobody can change. */
const CONSTANTS: ReadonlySet<string> = new Set(['string', 'number', 'bool', 'none']);

/** Thrown when the analysis would take too long. */
export class Exhausted extends Error {}

/** What an abstract run of a program collects. */
export class Flow {
  /** Statements that were reached. */
  readonly reached = new Set<Statement>();
  /** Functions whose body was run. */
  readonly entered = new Set<FunctionDefinition>();
  /** Mends by the expression they are for; undefined where visits disagree. */
  readonly mends = new Map<Expression, Mend | undefined>();
  /** Attributes of `self` that methods set. */
  readonly assignedAttributes = new Set<string>();
  /** Calls of helpers that the program had to wait in, because they can't go on beside it. */
  turnsTaken = 0;
  /** Calls of `asyncio.gather` whose arguments are being evaluated. */
  gathers = 0;
  private readonly isolation: Isolation;
  private readonly liveResults: LiveResults;
  private steps = 0;
  private frames = 0;

  constructor(
    readonly program: Program,
    readonly diagnostics: DiagnosticList,
  ) {
    this.isolation = new Isolation(new Map(program.methods.map((method) => [method.name, method])));
    this.liveResults = new LiveResults(program);
    for (const method of [program.entry, ...program.methods]) {
      visitStatements(method.body, {
        statement: (statement) => {
          const targets =
            statement.kind === 'assign' ? statement.targets : 'target' in statement ? [statement.target] : [];
          for (const target of targets) {
            visitExpression(target, (node) => {
              if (node.kind === 'selfAttribute') this.assignedAttributes.add(node.name);
            });
          }
        },
      });
    }
  }

  /**
   * Whether a helper that is given these values may take its turn, as
   * `interpreter/helper-call.ts` decides it: one that is given what can be changed
   * goes on beside the program only where a `gather` joins it.
   */
  takesTurns(helper: FunctionDefinition, given: readonly AbstractValue[], isJoined: boolean): boolean {
    const isFixed = given.every(({ shape }) => CONSTANTS.has(shape.kind));
    const canGoOn = this.isolation.isIsolated(helper, isFixed) && !this.liveResults.isLive(helper);
    return !canGoOn || !(isFixed || isJoined);
  }

  /** Counts a step. */
  step(): void {
    if (++this.steps > MAX_STEPS) throw new Exhausted();
  }

  /** Runs a function body one level deeper. */
  nested<T>(run: () => T): T {
    if (++this.frames > MAX_FRAMES) throw new Exhausted();
    // A gather joins the calls that stand in it, not those that these make.
    const { gathers } = this;
    this.gathers = 0;
    try {
      return run();
    } finally {
      this.frames--;
      this.gathers = gathers;
    }
  }

  /** Notes that an expression is to be mended, or need not be; visits must agree. */
  noteMend(node: Expression, mend: Mend | undefined): void {
    if (!this.mends.has(node)) this.mends.set(node, mend);
    else {
      const before = this.mends.get(node);
      if (before?.kind !== mend?.kind || before?.field !== mend?.field) this.mends.set(node, undefined);
    }
  }
}

/** A frame for a call. */
export function newFrame(node: FunctionDefinition | undefined, outer: Frame['outer']): Frame {
  return { node, returns: [], outer, loops: [], tries: [] };
}
