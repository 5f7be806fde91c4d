import { Stop, type LimitName } from './errors.js';
import { Walk } from './walk.js';

/** Limits of one run of a program. */
export interface ProgramLimits {
  /** Statements, calls, turns of loops and comprehensions, and what is looked at of texts, collections and huge integers. */
  readonly steps: number;
  /** Operator calls. */
  readonly operatorCalls: number;
  /** Function calls and expressions inside each other. */
  readonly depth: number;
  /** UTF-16 units of one string. */
  readonly stringLength: number;
  /** Items of one list, tuple, dict or set. */
  readonly collectionLength: number;
  /** Bits of one integer. */
  readonly integerBits: number;
  /** String units and eight times the collection items ever made, live or not. */
  readonly allocation: number;
  /** Wall-clock milliseconds. */
  readonly wallMs: number;
}

/** Limits of a run that names none. */
export const DEFAULT_LIMITS: ProgramLimits = {
  steps: 200_000,
  operatorCalls: 200,
  depth: 400,
  stringLength: 4 << 20,
  collectionLength: 100_000,
  integerBits: 100_000,
  allocation: 256 << 20,
  wallMs: 600_000,
};

/** Work after which a run lets others have the processor, in units of a simple expression. */
const BREATH = 20_000;

/** Units that may be searched through for one step, and what a character that a pattern looks at counts for. */
const SEARCHED_PER_STEP = 16_384;
const LOOKED_AT = SEARCHED_PER_STEP / 64;

/** What work counts for that is no search, in units that are searched through in the same time. */
export const COSTS = {
  /** Looking at an item of a collection that is a plain value. */
  plainItem: 8,
  /** Looking at an item on a walk through values. */
  walkedItem: 32,
  /** Taking an item out of an iterable. */
  takenItem: 32,
  /** Copying an item. */
  copiedItem: 8,
  /** Copying an entry of a dict. */
  copiedEntry: 128,
  /** Moving an item of a list by one place. */
  movedItem: 2,
  /** Counting a unit of a text that has code points of two. */
  pairedUnit: 8,
  /** Multiplying two words of integers. */
  product: 2,
  /** A division of integers besides its words. */
  division: 8_000,
} as const;

/** What a run has used. */
interface Totals {
  steps: number;
  /** Units that were searched through and are no whole step yet. */
  searched: number;
  operatorCalls: number;
  allocated: number;
  work: number;
}

/**
 * Counts what a run uses and stops it at its limits.
 */
export class Meter {
  constructor(
    readonly limits: ProgramLimits,
    private readonly totals: Totals = { steps: 0, searched: 0, operatorCalls: 0, allocated: 0, work: 0 },
    public depth = 0,
  ) {}

  /** A meter of work that goes on beside: it counts into the same totals, and its nesting is its own. */
  fork(): Meter {
    return new Meter(this.limits, this.totals, this.depth);
  }

  /** Steps so far. */
  get steps(): number {
    return this.totals.steps;
  }

  /** Operator calls so far. */
  get operatorCalls(): number {
    return this.totals.operatorCalls;
  }

  /** Counts one step. */
  step(): void {
    this.totals.work += 4;
    if (++this.totals.steps > this.limits.steps) this.stop('steps', this.limits.steps);
  }

  /** Counts characters that a pattern looked at. */
  lookedAt(characters: number): void {
    this.totals.work += characters >> 2;
    this.search(characters * LOOKED_AT);
  }

  private search(units: number): void {
    const { totals, limits } = this;
    totals.searched += units;
    if (totals.searched < SEARCHED_PER_STEP) return;
    totals.steps += Math.floor(totals.searched / SEARCHED_PER_STEP);
    totals.searched %= SEARCHED_PER_STEP;
    if (totals.steps > limits.steps) this.stop('steps', limits.steps);
  }

  /** Counts one operator call. */
  operatorCall(): void {
    if (this.totals.operatorCalls >= this.limits.operatorCalls)
      this.stop('operator_calls', this.limits.operatorCalls);
    this.totals.operatorCalls += 1;
  }

  /** Enters one level of nesting; `leave` it by setting `depth` back. */
  enter(): void {
    if (++this.depth > this.limits.depth) this.stop('depth', this.limits.depth);
  }

  /** Counts a string about to be made, by its length. */
  string(length: number): void {
    if (length > this.limits.stringLength) this.stop('string_length', this.limits.stringLength);
    this.allocate(length);
  }

  /** Counts a collection about to be made or grown, by its final and its new items. */
  collection(length: number, added = length): void {
    if (length > this.limits.collectionLength) this.stop('collection_length', this.limits.collectionLength);
    this.allocate(8 * added);
  }

  /** Checks the size of an integer about to be made, in bits. */
  integer(bits: number): void {
    if (bits > this.limits.integerBits) this.stop('integer_size', this.limits.integerBits);
    this.allocate(bits >> 4);
  }

  /** Counts items that a walk through values looks at, which may be more than there are where values are shared. */
  walk(): Walk {
    return new Walk((items) => {
      this.scan(COSTS.walkedItem * items);
    });
  }

  /** Counts the words that multiplying or dividing integers of so many bits combines. */
  multiply(bits: number, otherBits: number): void {
    this.scan(COSTS.product * Math.ceil(bits / 64) * Math.ceil(otherBits / 64));
  }

  /** Counts work that makes nothing, such as a search through `size` units. */
  scan(size: number): void {
    this.totals.work += size / 32;
    this.search(size);
  }

  /** Whether enough was done to let others have the processor; asking starts the count again. */
  breathDue(): boolean {
    if (this.totals.work < BREATH) return false;
    this.totals.work = 0;
    return true;
  }

  private allocate(size: number): void {
    this.totals.work += size / 32;
    this.totals.allocated += size;
    if (this.totals.allocated > this.limits.allocation) this.stop('allocation', this.limits.allocation);
  }

  private stop(limit: LimitName, allowed: number): never {
    throw new Stop({ kind: 'limit', limit, allowed });
  }
}
