import type { RewardSpec } from '@flowreasoner/contracts/reward';
import { FlowError } from '@flowreasoner/rpc';
import { isComponentName } from '../scoring/component-names.js';

/** The versioned specs that a service knows, in memory. */
export class SpecRegistry {
  readonly #byName: ReadonlyMap<string, RewardSpec>;

  /**
   * @param specs at least one, each with a distinct `specs/<id>@<version>` name
   * @throws RangeError for a wrong or repeated name, or an unknown component
   */
  constructor(specs: readonly RewardSpec[]) {
    const sorted = [...specs].sort((a, b) => compareNames(a.name, b.name));
    this.#byName = new Map(sorted.map((spec) => [spec.name, spec]));
    if (this.#byName.size !== specs.length) throw new RangeError('two reward specs have one name');
    for (const spec of specs) checkSpec(spec);
  }

  /**
   * The spec of a name: exact, or the latest version where none is given; the
   * empty name is `specs/default`.
   *
   * @throws FlowError NOT_FOUND
   */
  get(name: string): RewardSpec {
    const wanted = name === '' ? 'specs/default' : name;
    const spec =
      this.#byName.get(wanted) ?? [...this.#byName.values()].findLast((s) => family(s.name) === wanted);
    if (spec === undefined) {
      throw new FlowError('NOT_FOUND', 'SPEC_NOT_FOUND', 'There is no reward spec of this name.', {
        hint: `Known: ${[...this.#byName.keys()].join(', ')}.`,
      });
    }
    return spec;
  }

  /** At most `count` specs by name, after the one named; `more` says whether others follow. */
  after(name: string | undefined, count: number): { specs: RewardSpec[]; more: boolean } {
    const all = [...this.#byName.values()];
    const start = name === undefined ? 0 : all.findIndex((spec) => compareNames(spec.name, name) > 0);
    if (start === -1) return { specs: [], more: false };
    return { specs: all.slice(start, start + count), more: start + count < all.length };
  }
}

const namePattern = /^(specs\/[a-z][a-z0-9-]{0,40})@([1-9][0-9]{0,5})$/;

function checkSpec(spec: RewardSpec): void {
  if (!namePattern.test(spec.name)) throw new RangeError(`${spec.name} is not like specs/<id>@<version>`);
  const named = [
    ...Object.keys(spec.weights),
    ...Object.keys(spec.shortfallWeights),
    ...spec.gates,
    ...spec.amongBest,
  ];
  for (const name of named) {
    if (!isComponentName(name)) throw new RangeError(`${spec.name} names an unknown component ${name}`);
  }
}

function family(name: string): string {
  return namePattern.exec(name)?.[1] ?? name;
}

/** By family, then by version as a number. */
function compareNames(a: string, b: string): number {
  if (family(a) !== family(b)) return family(a) < family(b) ? -1 : 1;
  return Number(namePattern.exec(a)?.[2]) - Number(namePattern.exec(b)?.[2]);
}
