import {
  buildGraph,
  graphToDot,
  graphToMermaid,
  graphToSvg,
  type WorkflowGraph,
} from '@flowreasoner/workflow';
import { ExitCode } from '../exit-codes.js';
import { readTrace } from '../task/read-trace.js';
import { readWorkflow, validOrExplained } from '../task/read-workflow.js';
import { runGraph } from '../task/run-graph.js';

/** Options of `flow graph`. */
export interface GraphOptions {
  readonly prompts?: string;
  readonly format: string;
  /** Whether the file is a trace of `flow run`. */
  readonly trace?: boolean;
}

const WRITERS: Readonly<Record<string, (graph: WorkflowGraph) => string>> = {
  dot: graphToDot,
  mermaid: graphToMermaid,
  json: (graph) => `${JSON.stringify(graph)}\n`,
  svg: graphToSvg,
};

/**
 * `flow graph FILE|- --format dot|mermaid|json|svg`: prints which operator call
 * can follow which, or with `--trace` which followed which in a run.
 */
export async function graph(file: string, options: GraphOptions): Promise<ExitCode> {
  const write = WRITERS[options.format] ?? graphToDot;
  if (options.trace === true) {
    process.stdout.write(write(runGraph(await readTrace(file))));
    return ExitCode.solved;
  }
  const workflow = validOrExplained(await readWorkflow(file, options.prompts));
  if (workflow === undefined) return ExitCode.invalidWorkflow;
  process.stdout.write(write(buildGraph(workflow.program)));
  return ExitCode.solved;
}
