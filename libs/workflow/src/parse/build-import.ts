import type { SourceRange } from '../ir.js';
import type { BuildContext } from './cst.js';
import { MODULES_INSTEAD } from '../check/builtins.js';
import { PURE_MODULES, resolveImport } from '../check/modules.js';

const FROM = /^from\s+([\w.]+)\s+import\s+\(?([^)]*)\)?\s*;?\s*(?:#.*)?$/;
const IMPORT = /^import\s+(.+?)\s*(?:#.*)?$/;

/**
 * Records what an import statement binds. Imports of the workflow template are
 * ignored; those of modules that the language has bind names; any other is
 * reported.
 */
export function recordImport(
  context: Pick<BuildContext, 'diagnostics' | 'imports' | 'lostNames'>,
  text: string,
  range: SourceRange,
): void {
  const flat = text.replace(/\\?\s*\n\s*/g, ' ').trim();
  const from = FROM.exec(flat);
  if (from) {
    for (const item of (from[2] ?? '').split(',')) {
      const [name, , alias] = item.trim().split(/\s+/);
      if (name) record(context, from[1] ?? '', name, alias ?? name, range);
    }
    return;
  }
  const plain = IMPORT.exec(flat);
  for (const item of (plain?.[1] ?? '').split(',')) {
    const [module, , alias] = item.trim().split(/\s+/);
    if (module) record(context, module, undefined, alias ?? module.split('.')[0] ?? module, range);
  }
}

function record(
  context: Pick<BuildContext, 'diagnostics' | 'imports' | 'lostNames'>,
  module: string,
  name: string | undefined,
  local: string,
  range: SourceRange,
): void {
  const found = resolveImport(module, name);
  if (found === 'template') return;
  if (found === undefined) {
    const what = name === undefined ? module : `${module}.${name}`;
    const instead =
      MODULES_INSTEAD.get(name ?? '') ??
      MODULES_INSTEAD.get(module.split('.')[0] ?? '') ??
      `available are ${PURE_MODULES.join(', ')}; the programmer and test operators run other code`;
    context.diagnostics.add('FW114', range, `"${what}" cannot be imported in a workflow; ${instead}`);
    context.lostNames.add(local);
    return;
  }
  context.imports.set(local, found);
}
