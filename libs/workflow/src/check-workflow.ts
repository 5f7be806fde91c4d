import type { Diagnostic } from './diagnostics.js';
import { DiagnosticList } from './diagnostics.js';
import type { Program, Prompt } from './ir.js';
import { OPERATOR_NAMES } from './operators.js';
import { analyse } from './flow/analyse.js';
import type { RequestBounds, StaticBounds } from './flow/bounds.js';
import { measure } from './measures.js';
import type { WorkflowMeasures } from './measures.js';
import { printWorkflow } from './print.js';
import { addAwaits } from './check/add-awaits.js';
import { applyMends } from './check/apply-mends.js';
import { readPrompts } from './check/prompts.js';
import { reportRecursion } from './check/recursion.js';
import { reportUnused } from './check/unused.js';
import { resolveClass } from './check/resolve-class.js';
import { numberSites } from './check/sites.js';
import { parseClass } from './parse/parse-class.js';
import { SourceText } from './source-text.js';
import { splitAnswer } from './split-answer.js';

/** Greatest size of a source, in UTF-8 bytes. */
export const MAX_SOURCE_BYTES = 128 * 1024;

/** What a check may be told besides the source. */
export interface CheckOptions extends RequestBounds {
  /** Text of a prompt file with `NAME = "…"` assignments. */
  readonly prompts?: string;
  /** Whether no prompts will come later: one that the program needs is an error then, even where none is given. */
  readonly promptsFinal?: boolean;
  /** Names of the operators on offer; all of them when absent or empty. */
  readonly operators?: readonly string[];
}

/** What the checker found. */
export interface CheckedWorkflow {
  /** Whether there is no error among the diagnostics. */
  readonly valid: boolean;
  /** Findings in order of position. */
  readonly diagnostics: readonly Diagnostic[];
  /** The typed program; undefined when it could not be made out. Run it only when `valid`. */
  readonly program: Program | undefined;
  /** Static bounds; undefined when not valid. */
  readonly bounds: StaticBounds | undefined;
  /** Measures; undefined when not valid. */
  readonly measures: WorkflowMeasures | undefined;
  /** The program in its normal form; empty when not valid. */
  readonly normalForm: string;
  /** What stood before the last `</think>`. */
  readonly reasoning: string;
  /** Content of the <modification> tags. */
  readonly modification: string;
  /** Prompts by name, of section and file. */
  readonly prompts: readonly Prompt[];
}

/**
 * Parses and checks a model's answer or a bare workflow class. Never throws on
 * any text; time and memory are bounded by the size cap.
 */
export function checkWorkflow(source: string, options: CheckOptions = {}): CheckedWorkflow {
  const diagnostics = new DiagnosticList();
  const text = new SourceText(source);
  if (Buffer.byteLength(source) > MAX_SOURCE_BYTES) {
    const message = `the text is larger than ${MAX_SOURCE_BYTES} bytes (128 KiB); write a shorter workflow`;
    diagnostics.add('FW001', text.range(0, 0), message);
    return result(diagnostics, undefined, { reasoning: '', modification: '', prompts: [] });
  }
  const parts = splitAnswer(source);
  const { surface } = parseClass(text, parts.graph, diagnostics);
  const prompts = readPrompts(text, parts.prompt, options);
  const answer = {
    reasoning: parts.reasoning,
    modification: parts.modification,
    prompts: [...prompts.byName.values()],
  };
  if (!surface) return result(diagnostics, undefined, answer);
  const offered = new Set(options.operators?.length ? options.operators : OPERATOR_NAMES);
  const resolved = resolveClass(surface, prompts, offered, diagnostics);
  if (!resolved) return result(diagnostics, undefined, answer);
  const awaited = addAwaits(resolved, diagnostics);
  if (reportRecursion(awaited, diagnostics)) return result(diagnostics, numberSites(awaited), answer);
  if (!diagnostics.hasErrors) reportUnused(awaited, diagnostics);
  const { bounds, mends } = analyse(awaited, diagnostics, options);
  const program = numberSites(applyMends(awaited, mends, diagnostics));
  return result(diagnostics, program, answer, bounds);
}

function result(
  diagnostics: DiagnosticList,
  program: Program | undefined,
  answer: Pick<CheckedWorkflow, 'reasoning' | 'modification' | 'prompts'>,
  bounds?: StaticBounds,
): CheckedWorkflow {
  const valid = program !== undefined && !diagnostics.hasErrors;
  return {
    valid,
    diagnostics: diagnostics.sorted(),
    program,
    bounds: valid ? bounds : undefined,
    measures: valid && bounds ? measure(program, bounds) : undefined,
    normalForm: valid ? printWorkflow(program) : '',
    ...answer,
  };
}
