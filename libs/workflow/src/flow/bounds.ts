import type { Work } from './state.js';

/** Least or greatest work of a program; undefined means unbounded, or not known. */
export interface WorkBound {
  readonly operatorCalls: number | undefined;
  readonly modelCalls: number | undefined;
  /** Prompt and completion tokens; undefined also where no limits are given. */
  readonly tokens: number | undefined;
  /** Model requests on the longest chain of dependent calls. */
  readonly criticalPath: number | undefined;
}

/** What a program can cost, known before it runs. */
export interface StaticBounds {
  /** The cheapest path that ends with a return. */
  readonly least: WorkBound;
  /** The dearest path. */
  readonly greatest: WorkBound;
}

/** Tokens of one model request, from which bounds on tokens follow; both or none. */
export interface TokenLimits {
  readonly leastTokensPerCall?: number;
  readonly greatestTokensPerCall?: number;
}

/** Bounds from the work on all ways through a program; open ones when it is not known. */
export function boundsOf(work: Work | undefined, limits: TokenLimits): StaticBounds {
  const side = (pick: 'least' | 'greatest', perCall: number | undefined): WorkBound => {
    const open = pick === 'least' ? 0 : undefined;
    if (!work) return { operatorCalls: open, modelCalls: open, tokens: undefined, criticalPath: open };
    const modelCalls = finite(work.modelCalls[pick]);
    return {
      operatorCalls: finite(work.operatorCalls[pick]),
      modelCalls,
      tokens: perCall === undefined || modelCalls === undefined ? undefined : modelCalls * perCall,
      criticalPath: finite(work.chain[pick]),
    };
  };
  return {
    least: side('least', limits.leastTokensPerCall),
    greatest: side('greatest', limits.greatestTokensPerCall),
  };
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? Math.round(value) : undefined;
}
