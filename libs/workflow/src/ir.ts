/**
 * The typed form of a workflow program, as the checker, the interpreter, the
 * printer and the measures work with it: plain discriminated unions on `kind`.
 *
 * It mirrors `flowreasoner.workflow.v1.Program` one to one (same names, same
 * fields); `ir-codec.ts` converts between the two. The protobuf form serves the
 * wire only: its oneofs would put a wrapper object and an `undefined` check
 * between an interpreter and each node.
 *
 * Nodes are immutable once built.
 */

/** Where a node stands in the given source: lines and columns from 1, columns in code points, end exclusive. */
export interface SourceRange {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** What every node has. */
interface Ranged {
  readonly range: SourceRange;
}

/** A workflow program. */
export interface Program extends Ranged {
  /** Name of the class as written. */
  readonly className: string;
  /** Operators bound in `__init__`. */
  readonly bindings: readonly OperatorBinding[];
  /** Other attributes set in `__init__`. */
  readonly attributes: readonly AttributeBinding[];
  /** `__call__`. */
  readonly entry: FunctionDefinition;
  /** Helper methods. */
  readonly methods: readonly FunctionDefinition[];
  /** Known prompts. */
  readonly prompts: readonly Prompt[];
}

/** An operator bound to an attribute by `self.x = operator.X(self.llm, …)`. */
export interface OperatorBinding extends Ranged {
  readonly attribute: string;
  readonly operator: string;
  readonly arguments: readonly BoundArgument[];
}

/** A plain attribute that `__init__` sets. */
export interface AttributeBinding extends Ranged {
  readonly attribute: string;
  readonly value: Expression;
}

/** A named prompt; `range` is undefined when it comes from a prompt file. */
export interface Prompt {
  readonly range: SourceRange | undefined;
  readonly name: string;
  readonly text: string;
}

/** A method or local function. */
export interface FunctionDefinition extends Ranged {
  readonly name: string;
  readonly isAsync: boolean;
  /** Without `self`. */
  readonly parameters: readonly FunctionParameter[];
  /** Never empty. */
  readonly body: readonly Statement[];
  /** Names local to it, parameters first. Names of comprehensions and of nested functions are not among them. */
  readonly locals: readonly string[];
}

/** A parameter of a function or lambda. */
export interface FunctionParameter extends Ranged {
  readonly name: string;
  /** Undefined when a call must give it. */
  readonly defaultValue: Expression | undefined;
}

/** An argument of an operator, bound to the parameter it is for. */
export interface BoundArgument extends Ranged {
  readonly parameter: string;
  readonly value: Expression;
}

/** An argument of any other call; `name` is empty for a positional one, and a positional `*x` has a starred value. */
export interface Argument extends Ranged {
  readonly name: string;
  readonly value: Expression;
}

/** `a = b = value`. Targets are name, selfAttribute, subscript, or tuple and list of targets (one may be starred). */
export interface Assign extends Ranged {
  readonly kind: 'assign';
  readonly targets: readonly Expression[];
  readonly value: Expression;
}
/** `target op= value`; `operator` is without "=". */
export interface AugmentedAssign extends Ranged {
  readonly kind: 'augmentedAssign';
  readonly target: Expression;
  readonly operator: BinaryOperator;
  readonly value: Expression;
}
/** An expression for its effect. */
export interface ExpressionStatement extends Ranged {
  readonly kind: 'expression';
  readonly value: Expression;
}
/** `if`; `elif` is an If alone in `otherwise`. */
export interface If extends Ranged {
  readonly kind: 'if';
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}
/** `for`. */
export interface For extends Ranged {
  readonly kind: 'for';
  readonly site: number;
  readonly target: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}
/** `while`. */
export interface While extends Ranged {
  readonly kind: 'while';
  readonly site: number;
  readonly test: Expression;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}
/** `break`. */
export interface Break extends Ranged {
  readonly kind: 'break';
}
/** `continue`. */
export interface Continue extends Ranged {
  readonly kind: 'continue';
}
/** `pass`, and statements that do nothing here, such as imports. */
export interface Pass extends Ranged {
  readonly kind: 'pass';
}
/** `return`. */
export interface Return extends Ranged {
  readonly kind: 'return';
  readonly value: Expression | undefined;
}
/** `raise`; without an exception it raises again what is being handled. */
export interface Raise extends Ranged {
  readonly kind: 'raise';
  readonly exception: Expression | undefined;
  readonly cause: Expression | undefined;
}
/** `try`. */
export interface Try extends Ranged {
  readonly kind: 'try';
  readonly body: readonly Statement[];
  readonly handlers: readonly Handler[];
  readonly otherwise: readonly Statement[];
  readonly finalizer: readonly Statement[];
}
/** `except`; no types means every exception, an empty name means no `as`. */
export interface Handler extends Ranged {
  readonly types: readonly string[];
  readonly name: string;
  readonly body: readonly Statement[];
}
/** A local function. */
export interface FunctionStatement extends FunctionDefinition {
  readonly kind: 'functionDefinition';
}

/** A statement. */
export type Statement =
  | Assign
  | AugmentedAssign
  | ExpressionStatement
  | If
  | For
  | While
  | Break
  | Continue
  | Pass
  | Return
  | Raise
  | Try
  | FunctionStatement;

/** `None`. */
export interface NoneLiteral extends Ranged {
  readonly kind: 'none';
}
/** `True` or `False`. */
export interface BoolLiteral extends Ranged {
  readonly kind: 'bool';
  readonly value: boolean;
}
/** An integer of any size, as decimal digits without sign or leading zeros. */
export interface IntLiteral extends Ranged {
  readonly kind: 'int';
  readonly digits: string;
}
/** A floating-point number. */
export interface FloatLiteral extends Ranged {
  readonly kind: 'float';
  readonly value: number;
}
/** A string, escapes resolved, adjacent literals joined. */
export interface StringLiteral extends Ranged {
  readonly kind: 'string';
  readonly value: string;
}
/** An f-string. */
export interface FormattedString extends Ranged {
  readonly kind: 'formatted';
  readonly parts: readonly FormattedPart[];
}
/** Literal text (no value), or a value with its conversion ("r", "s", "a" or "") and format specification. */
export interface FormattedPart {
  readonly text: string;
  readonly value: Expression | undefined;
  readonly conversion: string;
  readonly spec: readonly FormattedPart[];
}
/** A variable, parameter or local function. */
export interface Name extends Ranged {
  readonly kind: 'name';
  readonly name: string;
}
/** Something the language provides, by its full name: "len", "math.sqrt", "collections.Counter", "ValueError". */
export interface BuiltinReference extends Ranged {
  readonly kind: 'builtin';
  readonly name: string;
}
/** `self.name` that is no operator and no helper. */
export interface SelfAttribute extends Ranged {
  readonly kind: 'selfAttribute';
  readonly name: string;
}
/** `prompt_custom.NAME`. */
export interface PromptReference extends Ranged {
  readonly kind: 'prompt';
  readonly name: string;
}
/** What the workflow has used so far; an empty field means a dict of all fields of {@link USAGE_FIELDS}. */
export interface UsageRead extends Ranged {
  readonly kind: 'usage';
  readonly field: UsageField | '';
}
/** `object.name`. */
export interface Attribute extends Ranged {
  readonly kind: 'attribute';
  readonly object: Expression;
  readonly name: string;
}
/** `object[index]`; the index may be a slice. */
export interface Subscript extends Ranged {
  readonly kind: 'subscript';
  readonly object: Expression;
  readonly index: Expression;
}
/** `lower:upper:step`, only as the index of a subscript. */
export interface Slice extends Ranged {
  readonly kind: 'slice';
  readonly lower: Expression | undefined;
  readonly upper: Expression | undefined;
  readonly step: Expression | undefined;
}
/**
 * A call of an operator. `site` numbers the place: unique among the program's
 * calls, loops and comprehensions, from 1 in order of appearance.
 */
export interface OperatorCall extends Ranged {
  readonly kind: 'operatorCall';
  readonly site: number;
  readonly operator: string;
  readonly attribute: string;
  readonly arguments: readonly BoundArgument[];
  readonly constructorArguments: readonly BoundArgument[];
}
/** A call of a helper method. */
export interface HelperCall extends Ranged {
  readonly kind: 'helperCall';
  readonly site: number;
  readonly method: string;
  readonly arguments: readonly Argument[];
}
/** A call of a method of a value. */
export interface MethodCall extends Ranged {
  readonly kind: 'methodCall';
  readonly site: number;
  readonly object: Expression;
  readonly method: string;
  readonly arguments: readonly Argument[];
}
/** A call of a builtin, a local function or a lambda. */
export interface Call extends Ranged {
  readonly kind: 'call';
  readonly site: number;
  readonly function: Expression;
  readonly arguments: readonly Argument[];
}
/** `await value`. */
export interface Await extends Ranged {
  readonly kind: 'await';
  readonly value: Expression;
}
/** Operators with one operand. */
export type UnaryOperator = 'not' | '-' | '+' | '~';
/** `operator operand`. */
export interface Unary extends Ranged {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}
/** Arithmetic and bit operators. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '&' | '|' | '^' | '<<' | '>>';
/** `left operator right`. */
export interface Binary extends Ranged {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}
/** `a and b and c`, at least two operands. */
export interface BooleanChain extends Ranged {
  readonly kind: 'boolean';
  readonly operator: 'and' | 'or';
  readonly operands: readonly Expression[];
}
/** Comparison operators. */
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'is' | 'is not';
/** `left op right op right…`. */
export interface Comparison extends Ranged {
  readonly kind: 'comparison';
  readonly left: Expression;
  readonly steps: readonly ComparisonStep[];
}
/** One step of a chain of comparisons. */
export interface ComparisonStep {
  readonly operator: ComparisonOperator;
  readonly right: Expression;
}
/** `then if test else otherwise`. */
export interface Conditional extends Ranged {
  readonly kind: 'conditional';
  readonly test: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}
/** `[…]`. */
export interface ListDisplay extends Ranged {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}
/** `(…)`. */
export interface TupleDisplay extends Ranged {
  readonly kind: 'tuple';
  readonly items: readonly Expression[];
}
/** `{…}` of values. */
export interface SetDisplay extends Ranged {
  readonly kind: 'set';
  readonly items: readonly Expression[];
}
/** `{key: value}`. */
export interface DictDisplay extends Ranged {
  readonly kind: 'dict';
  readonly entries: readonly DictEntry[];
}
/** An entry of a dict; without a key it is `**value`. */
export interface DictEntry {
  readonly key: Expression | undefined;
  readonly value: Expression;
}
/** Any comprehension; `value` is set for dict comprehensions only. */
export interface Comprehension extends Ranged {
  readonly kind: 'comprehension';
  readonly site: number;
  readonly form: 'list' | 'set' | 'dict' | 'generator';
  readonly element: Expression;
  readonly value: Expression | undefined;
  readonly clauses: readonly ComprehensionClause[];
}
/** `for target in iterable if …`. */
export interface ComprehensionClause {
  readonly target: Expression;
  readonly iterable: Expression;
  readonly conditions: readonly Expression[];
}
/** `lambda`. */
export interface Lambda extends Ranged {
  readonly kind: 'lambda';
  readonly parameters: readonly FunctionParameter[];
  readonly body: Expression;
}
/** `*value` in a display, a call or a target. */
export interface Starred extends Ranged {
  readonly kind: 'starred';
  readonly value: Expression;
}
/** `name := value`; binds in the innermost function or lambda, never in a comprehension. */
export interface NamedExpression extends Ranged {
  readonly kind: 'named';
  readonly name: string;
  readonly value: Expression;
}

/** An expression. */
export type Expression =
  | NoneLiteral
  | BoolLiteral
  | IntLiteral
  | FloatLiteral
  | StringLiteral
  | FormattedString
  | Name
  | BuiltinReference
  | SelfAttribute
  | PromptReference
  | UsageRead
  | Attribute
  | Subscript
  | Slice
  | OperatorCall
  | HelperCall
  | MethodCall
  | Call
  | Await
  | Unary
  | Binary
  | BooleanChain
  | Comparison
  | Conditional
  | ListDisplay
  | TupleDisplay
  | SetDisplay
  | DictDisplay
  | Comprehension
  | Lambda
  | Starred
  | NamedExpression;

/** Fields of what a workflow has used (those of AFlow's `get_usage_summary`). */
export const USAGE_FIELDS = [
  'total_cost',
  'total_input_tokens',
  'total_output_tokens',
  'total_tokens',
  'call_count',
] as const;
/** One of {@link USAGE_FIELDS}. */
export type UsageField = (typeof USAGE_FIELDS)[number];
