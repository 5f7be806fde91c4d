import type { FunctionDefinition, Handler, SourceRange, Statement } from '../ir.js';
import { rewriteStatement } from '../rewrite.js';
import { EXCEPTIONS } from './builtins.js';
import { withLocalFunctions } from './local-functions.js';
import { resolveExpression, resolveParameters, resolveTarget } from './resolve-expression.js';
import type { Place } from './resolve-expression.js';
import { report } from './resolver.js';
import { Scope, boundNames } from './scope.js';
import { didYouMean } from '../suggest.js';

/** Resolves a function's parameters and body and finds its locals. */
export function resolveFunction(place: Place, node: FunctionDefinition): FunctionDefinition {
  const parameters = resolveParameters(place, node.parameters);
  const locals = new Set([...node.parameters.map((parameter) => parameter.name), ...boundNames(node.body)]);
  const inside: Place = {
    ...place,
    scope: new Scope(locals, place.scope),
    functions: withLocalFunctions(place.functions, node.body, locals),
  };
  return { ...node, parameters, body: resolveBlock(inside, node.body, false), locals: [...locals] };
}

function resolveBlock(place: Place, block: readonly Statement[], inLoop: boolean): Statement[] {
  return block.map((statement) => resolveStatement(place, statement, inLoop));
}

function resolveStatement(place: Place, node: Statement, inLoop: boolean): Statement {
  switch (node.kind) {
    case 'assign':
      return {
        ...node,
        targets: node.targets.map((target) => resolveTarget(place, target)),
        value: resolveExpression(place, node.value),
      };
    case 'augmentedAssign':
      return {
        ...node,
        target: resolveTarget(place, node.target),
        value: resolveExpression(place, node.value),
      };
    case 'for':
      return {
        ...node,
        target: resolveTarget(place, node.target),
        iterable: resolveExpression(place, node.iterable),
        body: resolveBlock(place, node.body, true),
        otherwise: resolveBlock(place, node.otherwise, inLoop),
      };
    case 'while':
      return {
        ...node,
        test: resolveExpression(place, node.test),
        body: resolveBlock(place, node.body, true),
        otherwise: resolveBlock(place, node.otherwise, inLoop),
      };
    case 'break':
    case 'continue':
      if (!inLoop)
        report(place.resolver, 'FW212', node.range, `"${node.kind}" stands outside a loop; remove it`);
      return node;
    case 'try':
      return {
        ...node,
        body: resolveBlock(place, node.body, inLoop),
        handlers: node.handlers.map((handler) => resolveHandler(place, handler, inLoop)),
        otherwise: resolveBlock(place, node.otherwise, inLoop),
        finalizer: resolveBlock(place, node.finalizer, inLoop),
      };
    case 'functionDefinition':
      return { ...node, ...resolveFunction(place, node) };
    default:
      return rewriteStatement(
        node,
        (expression) => resolveExpression(place, expression),
        (block) => resolveBlock(place, block, inLoop),
      );
  }
}

function resolveHandler(place: Place, handler: Handler, inLoop: boolean): Handler {
  return {
    ...handler,
    types: handler.types.map((type) => resolveException(place, type, handler.range)),
    body: resolveBlock(place, handler.body, inLoop),
  };
}

function resolveException(place: Place, name: string, range: SourceRange): string {
  const [root = '', member] = name.split('.');
  const imported = place.resolver.imports.get(root);
  const full = imported === undefined ? name : member === undefined ? imported : `${imported}.${member}`;
  if (EXCEPTIONS.has(full)) return full;
  const head = { ...range, endLine: range.startLine, endColumn: range.startColumn + 'except'.length };
  report(place.resolver, 'FW113', head, () => {
    const hint = didYouMean(full, EXCEPTIONS.keys()) || '; use "except Exception"';
    return `the exception "${name}" is not available in a workflow${hint}`;
  });
  return 'Exception';
}
