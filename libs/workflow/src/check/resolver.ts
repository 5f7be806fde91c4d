import type { DiagnosticCode } from '../diagnostic-codes.js';
import type { DiagnosticList, Message } from '../diagnostics.js';
import type { OperatorBinding, SourceRange } from '../ir.js';
import type { PromptSet } from './prompts.js';

/** A method that programs may call on `self`. */
export interface HelperSignature {
  readonly name: string;
  readonly isAsync: boolean;
  readonly parameters: readonly { readonly name: string; readonly optional: boolean }[];
}

/** What is known of the whole class while its parts are resolved. */
export interface Resolver {
  readonly diagnostics: DiagnosticList;
  /** Names bound by imports, with their full names. */
  readonly imports: ReadonlyMap<string, string>;
  /** Names whose definition may have been lost to a syntax error. */
  readonly lostNames: ReadonlySet<string>;
  /** Names of the functions and classes around the class. */
  readonly outside: ReadonlySet<string>;
  /** Operators on offer. */
  readonly offered: ReadonlySet<string>;
  /** Operators bound in `__init__`, by attribute. */
  readonly bindings: ReadonlyMap<string, OperatorBinding>;
  /** Helper methods by name. */
  readonly helpers: ReadonlyMap<string, HelperSignature>;
  /** Plain attributes of `self`. */
  readonly attributes: ReadonlySet<string>;
  readonly prompts: PromptSet;
  /** Name of the parameter that stands for the workflow, usually "self"; empty where there is none. */
  readonly self: string;
}

/** Reports a finding. */
export function report(resolver: Resolver, code: DiagnosticCode, range: SourceRange, message: Message): void {
  resolver.diagnostics.add(code, range, message);
}
