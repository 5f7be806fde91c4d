/** Greatest sizes of what requests hold. */
export const limits = {
  /** A request_id or sample_id. */
  nameBytes: 64,
  /** An answer or reference solution. */
  answerBytes: 1024 * 1024,
  /** The source of a workflow. */
  workflowBytes: 128 * 1024,
  /** The test code of a suite. */
  testCodeBytes: 1024 * 1024,
  /** An encoded suite. */
  suiteBytes: 2 * 1024 * 1024,
  /** Cases of a suite. */
  cases: 1000,
  /** Samples of a group. */
  samples: 64,
  /** Specs on a page. */
  pageSize: 100,
} as const;
