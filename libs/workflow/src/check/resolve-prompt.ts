import type { Argument, Expression, PromptReference, SourceRange } from '../ir.js';
import { placeholders } from './prompts.js';
import type { Resolver } from './resolver.js';
import { report } from './resolver.js';
import { didYouMean } from '../suggest.js';

/** Resolves `prompt_custom.NAME`. */
export function resolvePrompt(resolver: Resolver, name: string, range: SourceRange): PromptReference {
  const { byName, given, final } = resolver.prompts;
  if (!byName.has(name)) {
    if (given) {
      report(resolver, 'FW109', range, () => {
        const hint = didYouMean(name, byName.keys()) || '; define it in the <prompt> section';
        return `there is no prompt "${name}"${hint}`;
      });
    } else if (final) {
      const message = `the prompt "${name}" is needed and no prompts are given; define it in a <prompt> section or a prompt file`;
      report(resolver, 'FW109', range, message);
    } else {
      report(resolver, 'FW110', range, `the prompt "${name}" is not given here; it must come with the run`);
    }
  }
  return { kind: 'prompt', range, name };
}

/** Warns about placeholders of a prompt that a use leaves unfilled; `format` has the arguments of `.format(…)`. */
export function checkPromptUse(
  resolver: Resolver,
  reference: Expression,
  format: readonly Argument[] | undefined,
  replaced = false,
): void {
  if (reference.kind !== 'prompt' || replaced) return;
  const prompt = resolver.prompts.byName.get(reference.name);
  if (!prompt || format?.some((argument) => argument.name === '')) return;
  const given = new Set(format?.map((argument) => argument.name));
  const open = placeholders(prompt.text).filter((name) => !given.has(name));
  if (open.length === 0) return;
  const names = open.map((name) => `{${name}}`).join(', ');
  const mend = `prompt_custom.${reference.name}.format(${open.map((name) => `${name}=…`).join(', ')})`;
  report(resolver, 'FW111', reference.range, `${names} in the prompt stays unfilled; use ${mend}`);
}
