import { WorkflowEvent } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';
import { decodeInput } from './task-file.js';
import { readInput } from './read-task.js';

/** Largest trace that is read, in bytes. */
const MAX_TRACE_BYTES = 64 * 1024 * 1024;

/**
 * Reads the events of a trace that `flow run --trace` wrote.
 *
 * @throws FlowError INVALID_ARGUMENT when a line is no event
 */
export async function readTrace(file: string): Promise<WorkflowEvent[]> {
  const text = decodeInput(await readInput(file, MAX_TRACE_BYTES), file);
  const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }));
  return lines.filter(({ line }) => line.trim() !== '').map(({ line, number }) => parse(line, file, number));
}

function parse(line: string, file: string, number: number): WorkflowEvent {
  try {
    const event = WorkflowEvent.fromJSON(JSON.parse(line));
    if (event.event !== undefined) return event;
  } catch {
    // Said below.
  }
  throw new FlowError(
    'INVALID_ARGUMENT',
    'TRACE_INVALID',
    `${file}, line ${number} is no event of a workflow`,
    {
      hint: 'flow run FILE --trace TRACE writes one event a line',
    },
  );
}
