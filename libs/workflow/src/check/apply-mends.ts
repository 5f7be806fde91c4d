import type { DiagnosticList } from '../diagnostics.js';
import type { Mend } from '../flow/flow.js';
import type { Expression, FunctionDefinition, Program, SourceRange, Statement } from '../ir.js';
import { rewriteParts, rewriteStatement } from '../rewrite.js';

/**
 * Takes the one text out of operator results that stand where a text is meant:
 * `x` becomes `x["response"]`, a list of results the list of their texts.
 */
export function applyMends(
  program: Program,
  mends: ReadonlyMap<Expression, Mend>,
  diagnostics: DiagnosticList,
): Program {
  if (mends.size === 0) return program;
  const expression = (node: Expression): Expression => {
    const inner = rewriteParts(node, expression);
    const mend = mends.get(node);
    if (mend === undefined) return inner;
    const taken = mend.kind === 'field' ? `["${mend.field}"] of it` : `["${mend.field}"] of each item`;
    diagnostics.add('FW702', node.range, `a result stands here for its text; ${taken} was taken`);
    return mend.kind === 'field'
      ? takeField(inner, mend.field, node.range)
      : takeFields(inner, mend.field, node.range);
  };
  const block = (statements: readonly Statement[]): Statement[] =>
    statements.map((statement) => rewriteStatement(statement, expression, block));
  const method = (node: FunctionDefinition): FunctionDefinition => ({ ...node, body: block(node.body) });
  return { ...program, entry: method(program.entry), methods: program.methods.map(method) };
}

function takeField(object: Expression, field: string, range: SourceRange): Expression {
  return { kind: 'subscript', range, object, index: { kind: 'string', range, value: field } };
}

function takeFields(list: Expression, field: string, range: SourceRange): Expression {
  const item: Expression = { kind: 'name', range, name: 'item' };
  return {
    kind: 'comprehension',
    range,
    site: 0,
    form: 'list',
    element: takeField(item, field, range),
    value: undefined,
    clauses: [{ target: item, iterable: list, conditions: [] }],
  };
}
