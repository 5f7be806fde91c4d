/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** Name of the environment variable. */
  readonly variable: string;
  /** What is wrong and what would be right; never holds a secret's value. */
  readonly message: string;
}

/** Thrown at boot with every problem that was found, not only the first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(['the configuration is wrong:', ...problems.map(line)].join('\n'));
  }
}

function line({ variable, message }: ConfigProblem): string {
  return `  ${variable}: ${message}`;
}
