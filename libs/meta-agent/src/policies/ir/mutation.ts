import type { OperatorCall, Program } from '@flowreasoner/workflow';
import type { Random } from '../../ports.js';
import type { ShapeSpace } from '../workflow-shape.js';
import type { OperatorStatement } from './edit-program.js';

/** A program that is to be changed, and what may be done to it. */
export interface MutationTarget {
  readonly program: Program;
  readonly space: ShapeSpace;
  /** The statements that may be changed: those with a held call are left out. */
  readonly statements: readonly OperatorStatement[];
  /** Whether a call must stay as it is. */
  readonly isHeld: (call: OperatorCall) => boolean;
}

/** One typed change of a program. */
export interface IrMutation {
  readonly name: string;
  /** How likely it is before anything is known. */
  readonly weight: number;
  /** The changed program; undefined where it does not fit. */
  apply(target: MutationTarget, random: Random): Program | undefined;
}

/** One of the items, all alike likely; undefined when there is none. */
export function pickAny<T>(random: Random, items: readonly T[]): T | undefined {
  return items[Math.floor(random.next() * items.length)];
}
