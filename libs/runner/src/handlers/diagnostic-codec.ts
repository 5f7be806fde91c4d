import { Severity, type Diagnostic as DiagnosticMessage } from '@flowreasoner/contracts/workflow';
import type { Diagnostic } from '@flowreasoner/workflow';

const SEVERITIES: Readonly<Record<Diagnostic['severity'], Severity>> = {
  error: Severity.SEVERITY_ERROR,
  warning: Severity.SEVERITY_WARNING,
  info: Severity.SEVERITY_INFO,
};

/** A finding as messages carry it. */
export function toDiagnostic({ code, severity, message, range }: Diagnostic): DiagnosticMessage {
  return {
    code,
    severity: SEVERITIES[severity],
    message,
    start: { line: range.startLine, column: range.startColumn },
    end: { line: range.endLine, column: range.endColumn },
  };
}
