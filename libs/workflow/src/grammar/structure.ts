import type { Step } from './steps.js';

/**
 * The steps of a program in the grammar's normal form, by name; undefined when
 * the program is not of that form. Texts, numbers and which variables are used
 * are no part of a structure.
 */
export function structureOf(normalForm: string, steps: readonly Step[]): string[] | undefined {
  const text = normalForm.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
  const start = text.search(/^ {8}/m);
  if (start < 0) return undefined;
  let rest = text.slice(start);
  const names: string[] = [];
  while (rest !== '' && !/^ {8}return s\d, /.test(rest)) {
    // The longest match, as a vote also looks like a definition.
    const matches = steps.map((step) => ({ step, length: step.pattern.exec(rest)?.[0].length ?? 0 }));
    const specific = matches.filter((match) => match.length > 0).sort((a, b) => b.length - a.length);
    const [best] = specific;
    if (!best) return undefined;
    names.push(best.step.name);
    rest = rest.slice(best.length);
  }
  return rest === '' ? undefined : names;
}

/** Structures to leave out, as a tree of steps. */
export interface Excluded {
  readonly next: Map<string, Excluded>;
  /** Whether a structure ends here. */
  ends: boolean;
  /** Number of the node, for rule names. */
  readonly id: number;
}

/** Builds the tree of structures to leave out. */
export function excludedTree(structures: readonly (readonly string[])[]): Excluded {
  let id = 0;
  const root: Excluded = { next: new Map(), ends: false, id: id++ };
  for (const structure of structures) {
    let node = root;
    for (const name of structure) {
      const child = node.next.get(name) ?? { next: new Map<string, Excluded>(), ends: false, id: id++ };
      node.next.set(name, child);
      node = child;
    }
    node.ends = true;
  }
  return root;
}
