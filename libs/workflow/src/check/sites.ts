import type { Expression, FunctionDefinition, Program, Statement } from '../ir.js';
import { rewriteParts, rewriteStatement } from '../rewrite.js';

/** Numbers every call, loop and comprehension of a program from 1, in order of appearance. */
export function numberSites(program: Program): Program {
  let next = 1;
  const expression = (node: Expression): Expression => {
    const numbered = 'site' in node ? { ...node, site: next++ } : node;
    return rewriteParts(numbered, expression);
  };
  const block = (statements: readonly Statement[]): Statement[] =>
    statements.map((statement) => {
      const numbered = 'site' in statement ? { ...statement, site: next++ } : statement;
      return rewriteStatement(numbered, expression, block);
    });
  const method = (node: FunctionDefinition): FunctionDefinition => ({
    ...node,
    parameters: node.parameters.map((parameter) => ({
      ...parameter,
      defaultValue: parameter.defaultValue && expression(parameter.defaultValue),
    })),
    body: block(node.body),
  });
  return {
    ...program,
    attributes: program.attributes.map((attribute) => ({ ...attribute, value: expression(attribute.value) })),
    entry: method(program.entry),
    methods: program.methods.map(method),
  };
}
