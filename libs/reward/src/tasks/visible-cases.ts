import type { Suite } from '@flowreasoner/contracts/sandbox';
import { normalizedCases } from './python-asserts.js';

/**
 * One comparable text for each case of a suite, in the sandbox's order: two
 * cases with one text test the same thing. A unittest suite has none, because
 * its cases are methods and are never shown.
 */
function caseKeys(suite: Suite): string[] {
  const form = suite.suite;
  switch (form?.$case) {
    case 'function': {
      const { entryPoint, testCode, asserts } = form.value;
      const single = asserts.map((text) => normalizedCases(text, entryPoint).join(' ') || text.trim());
      return [...normalizedCases(testCode, entryPoint), ...single].map((key) => `assert ${key}`);
    }
    case 'stdio':
      return form.value.cases.map(
        ({ stdin, stdout }) => `stdio ${JSON.stringify([stdin.trim(), trimLines(stdout)])}`,
      );
    case 'values':
      return form.value.cases.map(
        ({ argumentsJson, expectedJson }) =>
          `value ${canonicalJson(argumentsJson)} ${canonicalJson(expectedJson)}`,
      );
    case 'unittest':
    case undefined:
      return [];
  }
}

/** For each hidden case, in order, whether one of the visible checks equals it. */
export function visibleCases(hidden: Suite, visible: Suite | undefined): boolean[] {
  const shown = new Set(visible === undefined ? [] : caseKeys(visible));
  return caseKeys(hidden).map((key) => shown.has(key));
}

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
}

function canonicalJson(text: string): string {
  try {
    return JSON.stringify(sortKeys(JSON.parse(text)));
  } catch {
    return text.trim();
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
