import {
  buildGraph,
  graphToDot,
  graphToMermaid,
  graphToSvg,
  type WorkflowGraph,
} from '@flowreasoner/workflow';
import { ExitCode } from '../exit-codes.js';
import { readWorkflow, validOrExplained } from '../task/read-workflow.js';

/** Options of `flow graph`. */
export interface GraphOptions {
  readonly prompts?: string;
  readonly format: string;
}

const WRITERS: Readonly<Record<string, (graph: WorkflowGraph) => string>> = {
  dot: graphToDot,
  mermaid: graphToMermaid,
  json: (graph) => `${JSON.stringify(graph)}\n`,
  svg: graphToSvg,
};

/** `flow graph FILE|- --format dot|mermaid|json|svg`: prints which operator call can follow which. */
export async function graph(file: string, options: GraphOptions): Promise<ExitCode> {
  const workflow = validOrExplained(await readWorkflow(file, options.prompts));
  if (workflow === undefined) return ExitCode.invalidWorkflow;
  const write = WRITERS[options.format] ?? graphToDot;
  process.stdout.write(write(buildGraph(workflow.program)));
  return ExitCode.solved;
}
