import type { Program, ProgramFile, ProgramLimits } from '../ports.js';
import { pythonProgram, type GradingModule } from '../python-programs.js';

/** What each program of a grading imports. */
const MODULES = {
  candidate: ['flow_wire'],
  grader: ['flow_wire', 'flow_asserts', 'flow_outcomes', 'flow_proxy', 'flow_suites', 'flow_unittest'],
  shared: ['flow_wire', 'flow_asserts', 'flow_outcomes', 'flow_suites', 'flow_unittest'],
} as const satisfies Record<string, readonly GradingModule[]>;

/** Names that files of a request can't have, because a grading's own programs have them. */
export const RESERVED_PATHS: ReadonlySet<string> = new Set(
  ['main', ...Object.keys(MODULES), ...Object.values(MODULES).flat()].map((name) => `${name}.py`),
);

/** One of our own programs that take part in a grading, with the channel to the service. */
export function gradingProgram(
  name: keyof typeof MODULES,
  files: readonly ProgramFile[],
  limits: ProgramLimits,
): Program {
  const modules = MODULES[name].map((one) => ({ path: `${one}.py`, data: Buffer.from(pythonProgram(one)) }));
  return {
    ...{ language: 'python', source: Buffer.from(pythonProgram(name)), args: [], env: {} },
    ...{ files: [...files, ...modules], outputFiles: [], limits, channel: true },
  };
}
