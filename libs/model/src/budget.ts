import { FlowError } from '@flowreasoner/rpc';
import type {
  BudgetGate,
  BudgetLimits,
  BudgetReservation,
  BudgetSnapshot,
  ModelAsk,
  SandboxAsk,
  Used,
} from './budget-gate.js';

type Dimension = keyof BudgetLimits;
type Ask = ModelAsk | SandboxAsk;
type Amounts = Readonly<Record<Dimension, number>>;

interface Waiting {
  readonly ask: Ask;
  readonly grant: () => void;
  readonly refuse: (error: FlowError) => void;
}

const dimensions: readonly Dimension[] = ['costUsd', 'tokens', 'modelCalls', 'sandboxMs'];

/** How the limits are called and written in sentences. */
const words: Readonly<Record<Dimension, { name: string; show: (amount: number) => string }>> = {
  costUsd: { name: 'money', show: (amount) => `$${Number(amount.toPrecision(6))}` },
  tokens: { name: 'token', show: (amount) => `${amount} tokens` },
  modelCalls: { name: 'model call', show: (amount) => `${amount} calls` },
  sandboxMs: { name: 'sandbox time', show: (amount) => `${amount} ms` },
};

/** Sums of binary fractions of a dollar may be off by this much; far below any price of a token. */
const roundingUsd = 1e-12;

const nothing: BudgetSnapshot = {
  modelCalls: 0,
  promptTokens: 0,
  completionTokens: 0,
  costUsd: 0,
  sandboxMs: 0,
};

/**
 * Creates the gate of one run. What is charged plus what is reserved never
 * exceeds a limit, however many requests come at once, as long as no endpoint
 * uses more than was reserved for it; one that does is refused from then on.
 *
 * @param spent what an earlier part of the run has used already
 */
export function createBudgetGate(limits: BudgetLimits, spent: Partial<BudgetSnapshot> = {}): BudgetGate {
  const used = { ...nothing, ...spent } as { -readonly [K in keyof BudgetSnapshot]: BudgetSnapshot[K] };
  const held = new Set<Amounts>();
  const queue: Waiting[] = [];
  const overrun = new Set<string>();
  const awaiting: (() => void)[] = [];

  const spentAmounts = (): Amounts => ({
    costUsd: used.costUsd ?? 0,
    tokens: used.promptTokens + used.completionTokens,
    modelCalls: used.modelCalls,
    sandboxMs: used.sandboxMs,
  });
  const lacking = (ask: Ask, base: Amounts): Dimension | undefined =>
    dimensions.find((key) => base[key] + amountsOf(ask)[key] > (limits[key] ?? Infinity) + roundingUsd);

  /** Why the ask can never be granted, if so. */
  const refusal = (ask: Ask): FlowError | undefined => {
    if (ask.kind === 'model') {
      if (overrun.has(ask.endpoint)) return overranError(ask);
      if (limits.costUsd !== undefined && (ask.costUsd === undefined || used.costUsd === undefined)) {
        return unknownPriceError(ask);
      }
    }
    const limit = lacking(ask, spentAmounts());
    return limit === undefined ? undefined : exceededError(ask, limit, limits, spentAmounts()[limit]);
  };

  const serveQueue = (): void => {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const error = refusal(next.ask);
      if (error === undefined && lacking(next.ask, total([spentAmounts(), ...held])) !== undefined) return;
      queue.shift();
      if (error === undefined) next.grant();
      else next.refuse(error);
    }
  };

  const hold = <A extends Ask>(ask: A): BudgetReservation<A> => {
    const amounts = amountsOf(ask);
    held.add(amounts);
    const end = (charge?: () => void): void => {
      if (!held.delete(amounts)) return;
      charge?.();
      serveQueue();
      if (held.size === 0) for (const resolve of awaiting.splice(0)) resolve();
    };
    return {
      release: () => end(),
      settle: (actual) =>
        end(() => {
          const charged = { ...ask, ...actual };
          charge(used, charged);
          if (ask.kind === 'model' && exceeds(amountsOf(charged), amounts)) overrun.add(ask.endpoint);
        }),
    };
  };

  return {
    reserve: <A extends Ask>(ask: A, signal?: AbortSignal): Promise<BudgetReservation<A>> =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const leave = (): void => {
          queue.splice(queue.indexOf(waiting), 1);
          reject(signal?.reason as Error);
          serveQueue();
        };
        const waiting: Waiting = {
          ask,
          grant: () => {
            signal?.removeEventListener('abort', leave);
            resolve(hold(ask));
          },
          refuse: (error) => {
            signal?.removeEventListener('abort', leave);
            reject(error);
          },
        };
        const error = refusal(ask);
        if (error !== undefined) return reject(error);
        queue.push(waiting);
        signal?.addEventListener('abort', leave, { once: true });
        serveQueue();
      }),
    snapshot: () => ({ ...used }),
    remaining: () =>
      Object.fromEntries(
        dimensions.flatMap((key) => {
          const limit = limits[key];
          return limit === undefined ? [] : [[key, Math.max(0, limit - spentAmounts()[key])]];
        }),
      ),
    drained: () => (held.size === 0 ? Promise.resolve() : new Promise((resolve) => awaiting.push(resolve))),
    overrun: () => [...overrun],
  };
}

function amountsOf(ask: Ask): Amounts {
  if (ask.kind === 'sandbox') return { costUsd: 0, tokens: 0, modelCalls: 0, sandboxMs: ask.wallMs };
  return {
    costUsd: ask.costUsd ?? 0,
    tokens: ask.promptTokens + ask.completionTokens,
    modelCalls: ask.modelCalls,
    sandboxMs: 0,
  };
}

function total(parts: readonly Amounts[]): Amounts {
  const sum = (key: Dimension): number => parts.reduce((rest, part) => rest + part[key], 0);
  return {
    costUsd: sum('costUsd'),
    tokens: sum('tokens'),
    modelCalls: sum('modelCalls'),
    sandboxMs: sum('sandboxMs'),
  };
}

function exceeds(actual: Amounts, reserved: Amounts): boolean {
  return dimensions.some((key) => actual[key] > reserved[key] + roundingUsd);
}

function charge(
  used: { -readonly [K in keyof BudgetSnapshot]: BudgetSnapshot[K] },
  charged: (ModelAsk & Partial<Used<ModelAsk>>) | SandboxAsk,
): void {
  if (charged.kind === 'sandbox') {
    used.sandboxMs += charged.wallMs;
    return;
  }
  used.modelCalls += charged.modelCalls;
  used.promptTokens += charged.promptTokens;
  used.completionTokens += charged.completionTokens;
  used.costUsd =
    used.costUsd === undefined || charged.costUsd === undefined ? undefined : used.costUsd + charged.costUsd;
}

function subject(ask: Ask): string {
  return ask.kind === 'sandbox'
    ? 'this sandbox execution'
    : `this request to model '${ask.model}' at endpoint '${ask.endpoint}'`;
}

function exceededError(ask: Ask, limit: Dimension, limits: BudgetLimits, spent: number): FlowError {
  const { name, show } = words[limit];
  const allowed = limits[limit] ?? 0;
  const asked = amountsOf(ask)[limit];
  return new FlowError(
    'RESOURCE_EXHAUSTED',
    'BUDGET_EXCEEDED',
    `The ${name} budget of ${show(allowed)} has no room for ${subject(ask)}: ${show(spent)} used, and it may take up to ${show(asked)}.`,
    {
      hint: `Raise the ${name} budget, or ask for less (a smaller output limit, a shorter prompt, fewer samples).`,
      metadata: { limit, allowed: String(allowed), spent: String(spent), asked: String(asked) },
    },
  );
}

function unknownPriceError(ask: ModelAsk): FlowError {
  return new FlowError(
    'FAILED_PRECONDITION',
    'PRICE_UNKNOWN',
    `A money budget cannot be kept with model '${ask.model}' at endpoint '${ask.endpoint}', because its price is not known.`,
    {
      hint: `Add a price for '${ask.model}' to the endpoint, mark the endpoint as local if it costs nothing, or use a token budget instead of a money budget.`,
      metadata: { endpoint: ask.endpoint, model: ask.model },
    },
  );
}

function overranError(ask: ModelAsk): FlowError {
  return new FlowError(
    'FAILED_PRECONDITION',
    'ENDPOINT_OVERRAN',
    `Endpoint '${ask.endpoint}' has reported more usage than its request allowed, so this run sends it nothing more.`,
    {
      hint: 'Check that the server obeys the output limit and counts tokens rightly, or use another endpoint.',
      metadata: { endpoint: ask.endpoint, model: ask.model },
    },
  );
}
