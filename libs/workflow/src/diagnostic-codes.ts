import type { Severity } from './diagnostics.js';

/** What a code stands for. */
export interface DiagnosticKind {
  /** Short name, unique. */
  readonly name: string;
  readonly severity: Severity;
}

const error = (name: string): DiagnosticKind => ({ name, severity: 'error' });
const warning = (name: string): DiagnosticKind => ({ name, severity: 'warning' });
const info = (name: string): DiagnosticKind => ({ name, severity: 'info' });

/**
 * Every diagnostic code. Codes are stable: a meaning never moves to another
 * code. FW0xx: text and syntax; FW1xx: names and calls; FW2xx: structure and
 * flow; FW3xx: cost; FW7xx: what was mended.
 */
export const DIAGNOSTICS = {
  FW001: error('source-too-large'),
  FW002: error('no-workflow'),
  FW003: error('lost-indentation'),
  FW004: error('nested-too-deep'),
  FW010: error('syntax-error'),
  FW011: error('unterminated-string'),
  FW012: error('unbalanced-bracket'),
  FW013: error('bad-indentation'),
  FW014: error('bad-character'),
  FW015: error('bad-number'),
  FW016: error('bad-escape'),
  FW017: error('bad-format-string'),
  FW018: error('invalid-target'),
  FW019: error('misplaced-argument'),
  FW020: error('statement-not-in-language'),
  FW021: error('expression-not-in-language'),
  FW101: error('unknown-operator'),
  FW102: error('undefined-name'),
  FW103: error('missing-argument'),
  FW104: error('unknown-argument'),
  FW105: error('too-many-arguments'),
  FW106: error('duplicate-argument'),
  FW107: error('wrong-argument-type'),
  FW108: error('unknown-result-field'),
  FW109: error('unknown-prompt'),
  FW110: warning('free-prompt'),
  FW111: warning('unfilled-placeholder'),
  FW112: error('unknown-attribute'),
  FW113: error('not-available'),
  FW114: error('forbidden-import'),
  FW115: error('unknown-method'),
  FW116: error('operator-not-offered'),
  FW117: error('operator-as-value'),
  FW118: error('bad-constructor'),
  FW119: error('bad-call'),
  FW201: error('no-call-method'),
  FW202: error('bad-parameters'),
  FW203: error('no-return'),
  FW204: warning('may-return-none'),
  FW205: error('literal-answer'),
  FW206: warning('literal-branch'),
  FW207: error('used-before-assignment'),
  FW208: warning('maybe-unassigned'),
  FW209: warning('unreachable-code'),
  FW210: warning('unused-result'),
  FW211: error('recursion'),
  FW212: error('misplaced-statement'),
  FW213: warning('endless-loop'),
  FW214: error('duplicate-definition'),
  FW301: warning('unbounded-calls'),
  FW701: info('await-added'),
  FW702: info('field-taken'),
  FW703: info('operator-renamed'),
  FW704: info('attribute-as-field'),
  FW705: info('async-added'),
  FW706: info('new-format-string'),
  FW707: info('ignored-text'),
} as const satisfies Record<string, DiagnosticKind>;

/** A stable diagnostic code such as "FW101". */
export type DiagnosticCode = keyof typeof DIAGNOSTICS;
