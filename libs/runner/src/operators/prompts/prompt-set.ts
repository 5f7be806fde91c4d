/** Names the prompts of a file. */
export interface PromptSet {
  readonly name: string;
  /** Raised with every change of wording, so that runs can be compared. */
  readonly version: number;
}
