/** What judging an answer gave. */
export interface AnswerVerdict {
  /** In [0, 1]. */
  readonly score: number;
  /** Whether nothing better could be asked of the answer. */
  readonly passed: boolean;
  /** What models may be told; never what was expected. */
  readonly feedback: string;
}
