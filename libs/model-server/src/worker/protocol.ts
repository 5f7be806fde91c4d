import type { GenerationEvent, GenerationJob, Rejection } from '../generation.js';

/** What the server tells a worker. One job at a time: the next follows `done`, `rejected` or `aborted`. */
export type ToWorker =
  | { readonly type: 'generate'; readonly id: number; readonly job: GenerationJob }
  | { readonly type: 'abort'; readonly id: number };

/** What a worker tells the server. */
export type FromWorker =
  | { readonly type: 'ready'; readonly contextSize: number; readonly loadMs: number }
  | { readonly type: 'unusable'; readonly message: string }
  | { readonly type: 'event'; readonly id: number; readonly event: GenerationEvent }
  /** A sign of life while no text comes, such as when a long prompt is read. */
  | { readonly type: 'progress'; readonly id: number }
  | { readonly type: 'rejected'; readonly id: number; readonly rejection: Rejection }
  | { readonly type: 'aborted'; readonly id: number };

/** How a worker is to load its model; the worker process gets it as its only argument, in JSON. */
export interface WorkerOptions {
  readonly modelFile: string;
  /** Tokens of prompt and answer together; the model's own limit where that is smaller. */
  readonly contextSize: number;
}
