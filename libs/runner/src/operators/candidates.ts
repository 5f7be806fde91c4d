import { extractCode } from '../text/extract-code.js';
import { reduceCode } from '../text/reduce-code.js';
import type { OperatorContext } from './operator.js';
import { behaviourOf, passedAll } from './verdicts.js';

/** Candidates that say the same thing. */
export interface Cluster {
  /** The first of them, as it was given. */
  readonly representative: string;
  /** How many there are. */
  readonly size: number;
  /** Part of the visible checks that they pass, in [0, 1]; undefined where they were not run. */
  readonly passRate: number | undefined;
  /** Whether they pass all of them. */
  readonly passes: boolean;
}

/** Candidates that are graded at most; the rest is clustered by text. */
const MAX_GRADED = 32;

/**
 * Groups candidates. Programs are run on the visible checks and belong together
 * when they behave alike; other texts when they are equal but for case and
 * white space. Groups are in order of their first candidates.
 */
export async function clusterCandidates(
  context: OperatorContext,
  candidates: readonly string[],
): Promise<readonly Cluster[]> {
  const { entryPoint, visibleChecks } = context.task;
  const keys = candidates.map(normalize);
  const texts = [...new Set(keys)];
  const first = (key: string): string => candidates[keys.indexOf(key)] as string;
  const isCode =
    visibleChecks !== undefined &&
    entryPoint !== '' &&
    texts.some((key) => reduceCode(extractCode(first(key), entryPoint), entryPoint) !== undefined);
  const judged = await Promise.all(
    texts.map(async (key, i) => {
      if (!isCode || i >= MAX_GRADED) return { key, behaviour: key, passRate: undefined, passes: false };
      const verdict = await context.grade(`grade${i}`, extractCode(first(key), entryPoint));
      return { key, behaviour: behaviourOf(verdict), passRate: verdict.passRate, passes: passedAll(verdict) };
    }),
  );
  const groups = new Map<string, typeof judged>();
  for (const item of judged) groups.set(item.behaviour, [...(groups.get(item.behaviour) ?? []), item]);
  return Array.from(groups.values(), (group) => ({
    representative: first((group[0] as (typeof judged)[number]).key),
    size: keys.filter((key) => group.some((item) => item.key === key)).length,
    passRate: group[0]?.passRate,
    passes: group[0]?.passes ?? false,
  }));
}

function normalize(text: string): string {
  return text.trim().split(/\s+/).join(' ').toLowerCase();
}

/** The clusters that none is better than: those that pass, else those that pass most. */
export function bestClusters(clusters: readonly Cluster[]): readonly Cluster[] {
  const best = Math.max(...clusters.map(scoreOf));
  return clusters.filter((cluster) => scoreOf(cluster) === best);
}

function scoreOf({ passes, passRate }: Cluster): number {
  return passes ? 2 : (passRate ?? 0);
}

/** Shuffles a copy of a list (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
