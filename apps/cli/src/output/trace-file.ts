import { closeSync, openSync, writeSync } from 'node:fs';
import { WorkflowEvent } from '@flowreasoner/contracts/workflow';
import { FlowError } from '@flowreasoner/rpc';

/** A file that events of a workflow are written to, one JSON object a line. */
export class TraceFile {
  private constructor(private readonly descriptor: number) {}

  /**
   * Makes the file, or empties it.
   *
   * @throws FlowError INVALID_ARGUMENT when it can't be written
   */
  static open(path: string): TraceFile {
    try {
      return new TraceFile(openSync(path, 'w', 0o600));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new FlowError('INVALID_ARGUMENT', 'FILE_UNWRITABLE', `${path} can't be written: ${why}`);
    }
  }

  /** Writes an event in the JSON form of its protobuf message. */
  write(event: WorkflowEvent): void {
    writeSync(this.descriptor, `${JSON.stringify(WorkflowEvent.toJSON(event))}\n`);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
