import { answerInstructions, codeInstructions } from './instructions.js';

/** How one of several candidates is chosen. */
export type Selection = 'first' | 'passing' | 'vote';

/** A workflow as a point of a small space; its source is made by `renderShape`. */
export interface WorkflowShape {
  /** Whether the answer is a program. */
  readonly task: 'code' | 'answer';
  /** Candidates that are generated. */
  readonly samples: number;
  /** Name in the library of instructions. */
  readonly instruction: string;
  readonly select: Selection;
  /** Times that a model may mend a candidate that fails the visible checks. */
  readonly repair: number;
  /** Whether a model reviews and revises the chosen candidate. */
  readonly review: boolean;
  /** Sampling temperature; undefined means each operator's own. */
  readonly temperature: number | undefined;
}

/** What a task and a server allow. */
export interface ShapeSpace {
  readonly task: 'code' | 'answer';
  /** Whether there are visible checks that a workflow can run. */
  readonly hasChecks: boolean;
  /** Names of the operators on offer. */
  readonly operators: ReadonlySet<string>;
}

/** The values that each part of a shape can take. */
export const shapeRanges = {
  samples: [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32],
  repair: [0, 1, 2, 3],
  temperature: [undefined, 0.2, 0.4, 0.6, 0.8, 1],
} as const;

/** The cheapest workflow: one call of a model. */
export function seedShape(task: ShapeSpace['task']): WorkflowShape {
  return {
    task,
    samples: 1,
    instruction: 'PLAIN',
    select: 'first',
    repair: 0,
    review: false,
    temperature: undefined,
  };
}

/** Names of the instructions for a kind of task. */
export function instructionNames(task: ShapeSpace['task']): string[] {
  return (task === 'code' ? codeInstructions : answerInstructions).map((each) => each.name);
}

/** The nearest shape that a space allows and that has no part without effect. */
export function fitShape(shape: WorkflowShape, space: ShapeSpace): WorkflowShape {
  const has = (...names: string[]): boolean => names.every((name) => space.operators.has(name));
  const canTest = space.task === 'code' && space.hasChecks && has('test');
  const samples = space.task === 'code' && !has('multi_generate') ? 1 : shape.samples;
  const wanted = shape.select === 'passing' && !canTest ? 'vote' : shape.select;
  const select = samples === 1 || (wanted === 'vote' && !has('sc_ensemble')) ? 'first' : wanted;
  return {
    task: space.task,
    // Candidates that are never looked at would be thrown away.
    samples: select === 'first' ? 1 : samples,
    instruction: instructionNames(space.task).includes(shape.instruction) ? shape.instruction : 'PLAIN',
    select,
    repair: canTest ? shape.repair : 0,
    review: shape.review && has('review', 'revise'),
    // Samples at a low temperature are nearly alike.
    temperature: samples > 1 && (shape.temperature ?? 1) < 0.6 ? undefined : shape.temperature,
  };
}

/** Least and greatest number of model calls of a shape. */
export function modelCallsOf(shape: WorkflowShape): { least: number; greatest: number } {
  const review = shape.review ? 2 : 0;
  const vote = shape.select === 'vote' ? 1 : 0;
  // A candidate that passes ends the workflow at once.
  const least = shape.samples + (shape.select === 'passing' ? 0 : review);
  return { least, greatest: shape.samples + vote + review + shape.repair };
}

/** Equal for equal shapes. */
export function shapeKey(shape: WorkflowShape): string {
  const temperature = shape.temperature ?? 'own';
  const flags = `samples=${shape.samples} select=${shape.select} repair=${shape.repair} review=${shape.review}`;
  return `${shape.task}: ${flags} instruction=${shape.instruction} temperature=${temperature}`;
}

const keyPattern =
  /(code|answer): samples=(\d+) select=(first|passing|vote) repair=(\d+) review=(true|false) instruction=([A-Z_]+) temperature=(own|[\d.]+)/;

/** The shape whose key stands in a text; undefined when there is none. */
export function shapeOf(text: string): WorkflowShape | undefined {
  const match = keyPattern.exec(text);
  if (match === null) return undefined;
  const [, task, samples, select, repair, review, instruction = 'PLAIN', temperature] = match;
  return {
    task: task === 'code' ? 'code' : 'answer',
    samples: Number(samples),
    select: select === 'passing' || select === 'vote' ? select : 'first',
    repair: Number(repair),
    review: review === 'true',
    instruction,
    temperature: temperature === 'own' ? undefined : Number(temperature),
  };
}

/** A shape in words. */
export function describeShape(shape: WorkflowShape): string {
  const parts = [shape.samples === 1 ? '1 sample' : `${shape.samples} samples`];
  if (shape.select === 'passing') parts.push('picked by the visible checks');
  if (shape.select === 'vote') parts.push('picked by vote');
  if (shape.repair > 0) parts.push(`mended up to ${shape.repair} times`);
  if (shape.review) parts.push('reviewed');
  if (shape.instruction !== 'PLAIN') parts.push(`instruction ${shape.instruction}`);
  if (shape.temperature !== undefined) parts.push(`temperature ${shape.temperature}`);
  return parts.join(', ');
}
