/** Type of an operator's parameter. */
export type ParameterType = 'string' | 'number' | 'list' | 'any';

/** One parameter of an operator. */
export interface OperatorParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly required: boolean;
  /** Default as a Python literal; empty when required. */
  readonly defaultLiteral: string;
}

/** Model requests of one operator call. */
export interface ModelCalls {
  readonly least: number;
  readonly greatest: number;
  /** Requests that must follow one another, at most. */
  readonly chain: number;
}

/** Arguments whose value is a literal in the program; others are undefined. */
export type LiteralArguments = Readonly<Record<string, number | string | undefined>>;

/** The signature of an operator. */
export interface OperatorSignature {
  /** Name as called on `self`. */
  readonly name: string;
  /** Name of its class in AFlow's template, as in `operator.ScEnsemble(self.llm)`. */
  readonly className: string;
  /** What it does, in one sentence. */
  readonly description: string;
  /** Parameters of a call, in order. */
  readonly parameters: readonly OperatorParameter[];
  /** Parameters of the constructor after the model. */
  readonly constructorParameters: readonly OperatorParameter[];
  /** Fields of its result. */
  readonly resultFields: readonly string[];
  /** The field that is meant where the whole result stands for one text; undefined when none is. */
  readonly mainField: string | undefined;
  /** Model requests of one call, from literal arguments of call and constructor. */
  readonly modelCalls: (args: LiteralArguments) => ModelCalls;
}

const required = (name: string, type: ParameterType): OperatorParameter => ({
  name,
  type,
  required: true,
  defaultLiteral: '',
});
const optional = (name: string, type: ParameterType, defaultLiteral: string): OperatorParameter => ({
  name,
  type,
  required: false,
  defaultLiteral,
});

/** AFlow's operators take a `mode` in some versions; it is accepted and ignored. */
const MODE = optional('mode', 'any', 'None');

const calls = (least: number, greatest: number, chain = greatest): (() => ModelCalls) => {
  const bound = { least, greatest, chain };
  return () => bound;
};

/** A literal count, or undefined when it is not known before the run. */
const count = (args: LiteralArguments, name: string, otherwise: number): number | undefined => {
  if (!(name in args)) return otherwise;
  const value = args[name];
  return typeof value === 'number' ? Math.max(0, Math.floor(value)) : undefined;
};

const CODE_TASK = [
  required('problem', 'string'),
  optional('entry_point', 'string', '""'),
  optional('instruction', 'string', '""'),
];

const LIST: readonly OperatorSignature[] = [
  {
    name: 'custom',
    className: 'Custom',
    description: 'Asks a model with the instruction followed by the input and returns its answer.',
    parameters: [required('input', 'string'), optional('instruction', 'string', '""'), MODE],
    constructorParameters: [],
    resultFields: ['response'],
    mainField: 'response',
    modelCalls: calls(1, 1),
  },
  {
    name: 'custom_code_generate',
    className: 'CustomCodeGenerate',
    description: 'Asks a model for Python code that solves the problem; returns only what entry_point needs.',
    parameters: [...CODE_TASK, MODE],
    constructorParameters: [],
    resultFields: ['response'],
    mainField: 'response',
    modelCalls: calls(1, 1),
  },
  {
    name: 'answer_generate',
    className: 'AnswerGenerate',
    description: 'Asks a model to think step by step; returns its thought and its final answer.',
    parameters: [required('input', 'string'), MODE],
    constructorParameters: [],
    resultFields: ['thought', 'answer'],
    mainField: 'answer',
    modelCalls: calls(1, 1),
  },
  {
    name: 'sc_ensemble',
    className: 'ScEnsemble',
    description: 'Returns the most consistent of several solutions.',
    parameters: [required('solutions', 'list'), optional('problem', 'string', '""'), MODE],
    constructorParameters: [],
    resultFields: ['response'],
    mainField: 'response',
    modelCalls: calls(0, 1),
  },
  {
    name: 'md_ensemble',
    className: 'MdEnsemble',
    description: 'Lets a model vote several times on shuffled solutions and returns the winner.',
    parameters: [required('solutions', 'list'), required('problem', 'string'), MODE],
    constructorParameters: [optional('vote_count', 'number', '5')],
    resultFields: ['solution'],
    mainField: 'solution',
    modelCalls: (args) => {
      const votes = count(args, 'vote_count', 5) ?? Infinity;
      return { least: 0, greatest: votes, chain: Math.min(votes, 1) };
    },
  },
  {
    name: 'multi_generate',
    className: 'MultiGenerate',
    description: 'Samples n solutions of one problem at once.',
    parameters: [...CODE_TASK, optional('n', 'number', '3'), MODE],
    constructorParameters: [],
    resultFields: ['responses'],
    mainField: undefined,
    modelCalls: (args) => {
      const n = count(args, 'n', 3);
      return { least: n ?? 0, greatest: n ?? Infinity, chain: 1 };
    },
  },
  {
    name: 'test',
    className: 'Test',
    description: 'Runs a solution on the visible tests and lets a model mend it up to test_loop times.',
    parameters: [
      required('problem', 'string'),
      required('solution', 'string'),
      required('entry_point', 'string'),
      optional('test_loop', 'number', '3'),
      MODE,
    ],
    constructorParameters: [],
    resultFields: ['result', 'solution'],
    mainField: 'solution',
    modelCalls: (args) => {
      const loops = count(args, 'test_loop', 3) ?? Infinity;
      return { least: 0, greatest: loops, chain: loops };
    },
  },
  {
    name: 'review',
    className: 'Review',
    description: 'Asks a model whether a solution is right and why.',
    parameters: [required('problem', 'string'), required('solution', 'string'), MODE],
    constructorParameters: [],
    resultFields: ['review_result', 'feedback'],
    mainField: 'feedback',
    modelCalls: calls(1, 1),
  },
  {
    name: 'revise',
    className: 'Revise',
    description: 'Asks a model to revise a solution by feedback.',
    parameters: [
      required('problem', 'string'),
      required('solution', 'string'),
      optional('feedback', 'string', '""'),
      MODE,
    ],
    constructorParameters: [],
    resultFields: ['solution'],
    mainField: 'solution',
    modelCalls: calls(1, 1),
  },
  {
    name: 'programmer',
    className: 'Programmer',
    description: 'Asks a model for a Python program, runs it in the sandbox and returns code and output.',
    parameters: [required('problem', 'string'), optional('analysis', 'string', '"None"'), MODE],
    constructorParameters: [],
    resultFields: ['code', 'output'],
    mainField: 'output',
    modelCalls: calls(1, 3),
  },
  {
    name: 'format',
    className: 'Format',
    description: 'Asks a model to bring a solution into the form that the problem asks for.',
    parameters: [required('problem', 'string'), required('solution', 'string'), MODE],
    constructorParameters: [],
    resultFields: ['solution'],
    mainField: 'solution',
    modelCalls: calls(1, 1),
  },
];

/** The catalogue of operators by name: AFlow's and MetaGPT's names, parameters and result fields; `multi_generate` is ours. */
export const OPERATORS: ReadonlyMap<string, OperatorSignature> = new Map(
  LIST.map((item) => [item.name, item]),
);

/** Names of all operators in order. */
export const OPERATOR_NAMES: readonly string[] = LIST.map((item) => item.name);

/** Names that published workflows use for operators without binding them. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['ensemble', 'sc_ensemble'],
  ['self_consistency', 'sc_ensemble'],
  ['scensemble', 'sc_ensemble'],
  ['mdensemble', 'md_ensemble'],
  ['code_generate', 'custom_code_generate'],
  ['code_generator', 'custom_code_generate'],
  ['generate_code', 'custom_code_generate'],
  ['customcodegenerate', 'custom_code_generate'],
  ['answer_gen', 'answer_generate'],
  ['generate_answer', 'answer_generate'],
  ['answergenerate', 'answer_generate'],
  ['generate', 'custom'],
  ['program', 'programmer'],
  ['tester', 'test'],
  ['reviewer', 'review'],
  ['reviser', 'revise'],
  ['formatter', 'format'],
  ['multigenerate', 'multi_generate'],
]);

/** The operator that a name stands for: its own name, its class name or a usual alias. */
export function operatorNamed(name: string): OperatorSignature | undefined {
  const exact = OPERATORS.get(name);
  if (exact) return exact;
  const snake = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return OPERATORS.get(snake) ?? OPERATORS.get(ALIASES.get(snake) ?? '');
}
