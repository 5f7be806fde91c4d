import { MODULE_MEMBERS } from './builtins.js';

/** Modules whose pure parts a workflow may import. */
export const PURE_MODULES = ['asyncio', 'collections', 'json', 'math', 'random', 're'] as const;

/**
 * First parts of module names that AFlow's templates import: the frame around a
 * workflow, which is there without an import.
 */
const TEMPLATE_ROOTS = new Set(
  (
    'typing operator metagpt scripts workspace examples optimized aflow ext evoagentx scoreflow maas ' +
    'prompt prompt_custom template operators logging loguru tenacity dataclasses abc __future__ workflow ' +
    'workflows pydantic enum'
  ).split(' '),
);

/**
 * What an import gives: the full name of a module or member, "template" for an
 * import that is not needed, undefined for one that is not allowed.
 */
export function resolveImport(module: string, name: string | undefined): string | undefined {
  const root = module.replace(/^\.+/, '').split('.')[0] ?? '';
  if ((PURE_MODULES as readonly string[]).includes(module)) {
    if (name === undefined) return module;
    return MODULE_MEMBERS.has(`${module}.${name}`) ? `${module}.${name}` : undefined;
  }
  const isTemplate =
    root === '' || TEMPLATE_ROOTS.has(root) || /(?:^|\.)(?:operator|prompt|template)$/.test(module);
  return isTemplate ? 'template' : undefined;
}
