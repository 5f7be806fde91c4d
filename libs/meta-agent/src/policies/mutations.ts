import type { Random } from '../ports.js';
import { pick } from '../solve/seeded-random.js';
import { instructionNames, shapeRanges, type ShapeSpace, type WorkflowShape } from './workflow-shape.js';

/** One way to change a shape. */
export interface Mutation {
  readonly name: string;
  /** How likely it is before anything is known. */
  readonly weight: number;
  /** The changed shape; it may be the same, or one that does not fit. */
  apply(shape: WorkflowShape, random: Random): WorkflowShape;
}

function others<T>(values: readonly T[], value: T): [T, ...T[]] {
  const rest = values.filter((each) => each !== value);
  return [rest[0] ?? value, ...rest.slice(1)];
}

/** One of the larger numbers of samples; the greatest stays as it is. */
function moreSamples(samples: number, random: Random): number {
  const larger = shapeRanges.samples.filter((each) => each > Math.max(2, samples));
  return larger[0] === undefined ? samples : pick(random, [larger[0], ...larger.slice(1)]);
}

/** The next smaller number of samples. */
function fewerSamples(samples: number): number {
  return shapeRanges.samples.filter((each) => each < samples).at(-1) ?? samples;
}

/** A selection for a shape that has come to have several candidates. */
function chosen(shape: WorkflowShape, space: ShapeSpace): WorkflowShape {
  if (shape.samples === 1 || shape.select !== 'first') return shape;
  return { ...shape, select: space.hasChecks ? 'passing' : 'vote' };
}

/** The mutations of a space. */
export function mutationsFor(space: ShapeSpace): [Mutation, ...Mutation[]] {
  return [
    {
      name: 'more samples',
      weight: 5,
      apply: (shape, random) => chosen({ ...shape, samples: moreSamples(shape.samples, random) }, space),
    },
    {
      name: 'fewer samples',
      weight: 0.5,
      apply: (shape) => ({ ...shape, samples: fewerSamples(shape.samples) }),
    },
    {
      name: 'another instruction',
      weight: 2,
      apply: (shape, random) => ({
        ...shape,
        instruction: pick(random, others(instructionNames(space.task), shape.instruction)),
      }),
    },
    {
      name: 'another selection',
      weight: 1,
      apply: (shape, random) => ({
        ...shape,
        samples: Math.max(3, shape.samples),
        select: pick(
          random,
          others(['passing', 'vote'] as const, shape.select === 'first' ? 'vote' : shape.select),
        ),
      }),
    },
    {
      name: 'repair',
      weight: 1.5,
      apply: (shape, random) => ({
        ...shape,
        repair: pick(random, others(shapeRanges.repair, shape.repair)),
      }),
    },
    { name: 'review', weight: 0.5, apply: (shape) => ({ ...shape, review: !shape.review }) },
    {
      name: 'another temperature',
      weight: 1.5,
      apply: (shape, random) => ({
        ...shape,
        temperature: pick(random, others<number | undefined>(shapeRanges.temperature, shape.temperature)),
      }),
    },
  ];
}

/** What the parent's feedback says about which mutations may help. */
export function favoured(name: string, feedback: string): number {
  const has = (pattern: RegExp): boolean => pattern.test(feedback);
  if (has(/took too long|did not end in time|time limit/)) {
    return name === 'another instruction' ? 3 : 1;
  }
  if (has(/could not be loaded|SyntaxError|NameError|IndentationError/)) {
    return name === 'repair' || name === 'more samples' ? 2 : 1;
  }
  if (has(/Visible checks passed: [1-9]/)) return name === 'repair' || name === 'more samples' ? 2 : 1;
  return 1;
}
