import type { Value } from './values.js';

/**
 * The variables of one call of a function, or of one comprehension. A
 * comprehension's scope declares what it binds; a function's declares the names
 * that the parser found to be local to it.
 */
export class Scope {
  readonly values = new Map<string, Value>();

  constructor(
    readonly parent: Scope | undefined,
    readonly locals: ReadonlySet<string>,
    /** The scope that `:=` binds in: itself for a function, its function's for a comprehension. */
    functionScope?: Scope,
  ) {
    this.functionScope = functionScope ?? this;
  }

  readonly functionScope: Scope;

  /** The nearest scope that has or declares the name. */
  find(name: string): Scope | undefined {
    if (this.values.has(name) || this.locals.has(name)) return this;
    return this.parent?.find(name);
  }
}

/** The scope of helper methods: they see their parameters only. */
export const EMPTY_SCOPE = new Scope(undefined, new Set());
