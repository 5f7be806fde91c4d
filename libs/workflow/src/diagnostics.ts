import type { DiagnosticCode } from './diagnostic-codes.js';
import { DIAGNOSTICS } from './diagnostic-codes.js';
import type { SourceRange } from './ir.js';

/** How grave a diagnostic is: an error keeps the workflow from running, info says what was mended. */
export type Severity = 'error' | 'warning' | 'info';

/** One finding about a workflow. */
export interface Diagnostic {
  /** Stable code, explained in docs/language.md. */
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** One sentence that a model or a person can act on. */
  readonly message: string;
  /** Where it is, relative to the full source text that was given. */
  readonly range: SourceRange;
}

/** The greatest number of diagnostics reported for one program; more would only repeat the cause. */
export const MAX_DIAGNOSTICS = 50;

/** A diagnostic's message, or what makes it: most findings of a hostile program are never told. */
export type Message = string | (() => string);

type Finding = Omit<Diagnostic, 'message'> & { readonly message: Message };

/** Collects diagnostics, each place and code once. */
export class DiagnosticList {
  private readonly seen = new Set<string>();
  private readonly items: Finding[] = [];

  /** Adds a finding; its severity is the code's own. */
  add(code: DiagnosticCode, range: SourceRange, message: Message): void {
    const key = `${code}:${range.startLine}:${range.startColumn}:${range.endLine}:${range.endColumn}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.items.push({ code, severity: DIAGNOSTICS[code].severity, message, range });
  }

  /** Whether there is an error. */
  get hasErrors(): boolean {
    return this.items.some((item) => item.severity === 'error');
  }

  /** The findings in order of position; errors come before others where there are too many for all. */
  sorted(): Diagnostic[] {
    const byPlace = (a: Finding, b: Finding) =>
      a.range.startLine - b.range.startLine || a.range.startColumn - b.range.startColumn;
    const rank = { error: 0, warning: 1, info: 2 } as const;
    const told =
      this.items.length <= MAX_DIAGNOSTICS
        ? [...this.items]
        : [...this.items]
            .sort((a, b) => rank[a.severity] - rank[b.severity] || byPlace(a, b))
            .slice(0, MAX_DIAGNOSTICS);
    return told.sort(byPlace).map((finding) => ({
      ...finding,
      message: typeof finding.message === 'string' ? finding.message : finding.message(),
    }));
  }
}
