import type { FunctionDefinition, SourceRange, Statement } from '../ir.js';

/**
 * A parsed class before names are resolved. Functions, statements and
 * expressions are those of the IR with sites 0, no locals, and names,
 * attributes and calls as written.
 */
export interface SurfaceClass {
  readonly range: SourceRange;
  /** Where its first line stands. */
  readonly headRange: SourceRange;
  readonly name: string;
  /** Methods in order; `self` is still their first parameter. */
  readonly methods: readonly SurfaceMethod[];
  /** Statements of the class body that are no methods and no docstring. */
  readonly statements: readonly Statement[];
  /** Names bound by imports, with the full name each stands for. */
  readonly imports: ReadonlyMap<string, string>;
  /** Names that statements with a syntax error mention. */
  readonly lostNames: ReadonlySet<string>;
  /** Names of the functions and classes around it. */
  readonly outside: ReadonlySet<string>;
}

/** A method as written. */
export interface SurfaceMethod extends FunctionDefinition {
  /** Where `def name(…)` stands. */
  readonly headRange: SourceRange;
  /** Whether it is marked `@staticmethod` and so has no `self`. */
  readonly isStatic: boolean;
}
