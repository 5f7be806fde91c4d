import type { Limits } from '@flowreasoner/contracts/sandbox';
import type { ProgramLimits } from './ports.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** What unset limits take. */
export const DEFAULT_LIMITS: ProgramLimits = {
  wallMs: 10_000,
  cpuMs: 10_000,
  memoryBytes: 512 * MIB,
  processes: 64,
  outputBytes: MIB,
  diskBytes: 64 * MIB,
};

/** The greatest limits that a request can have unless the server is configured otherwise. */
export const MAX_LIMITS: ProgramLimits = {
  wallMs: 120_000,
  cpuMs: 240_000,
  memoryBytes: 2048 * MIB,
  processes: 256,
  outputBytes: 8 * MIB,
  diskBytes: 512 * MIB,
};

/** Below these a program could not even start; smaller requests are raised to them. */
export const MIN_LIMITS: ProgramLimits = {
  wallMs: 10,
  cpuMs: 10,
  memoryBytes: 16 * MIB,
  processes: 1,
  outputBytes: 1,
  diskBytes: 64 * KIB,
};

/** Output beyond this many times `outputBytes` ends the program. */
export const HARD_OUTPUT_FACTOR = 16;

/**
 * Limits as they will be enforced: unset (0) fields take the default, others are
 * clamped between the minimum and the server's maximum.
 */
export function effectiveLimits(
  requested: Partial<Limits> | undefined,
  max: ProgramLimits = MAX_LIMITS,
  defaults: ProgramLimits = DEFAULT_LIMITS,
): ProgramLimits {
  const clamp = (name: keyof ProgramLimits): number => {
    const wanted = Number(requested?.[name] ?? 0) || defaults[name];
    return Math.min(Math.max(wanted, MIN_LIMITS[name]), max[name]);
  };
  return {
    wallMs: clamp('wallMs'),
    cpuMs: clamp('cpuMs'),
    memoryBytes: clamp('memoryBytes'),
    processes: clamp('processes'),
    outputBytes: clamp('outputBytes'),
    diskBytes: clamp('diskBytes'),
  };
}

/** The contract's form of limits. */
export function limitsToContract(limits: ProgramLimits): Limits {
  return {
    ...limits,
    memoryBytes: BigInt(limits.memoryBytes),
    diskBytes: BigInt(limits.diskBytes),
  };
}
