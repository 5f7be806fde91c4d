import type { ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';
import type { Caller } from './auth/key-verifier.js';

/** What handlers find in a request's context. */
export interface GatewayEnv {
  readonly Bindings: {
    /** Absent where the app is called without a server. */
    readonly outgoing?: ServerResponse;
  };
  readonly Variables: RequestIdVariables & {
    /** Set once the API key was verified. */
    caller: Caller;
  };
}

/** The context of a request. */
export type GatewayContext = Context<GatewayEnv>;
