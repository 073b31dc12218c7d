import { createAddressGuard } from '../network/address-guard.ts';
import { createHttpClient } from '../network/http/client.ts';
import type { Exchange, HttpRequest } from '../network/http/exchange.ts';
import { CONNECT_MS } from '../network/network-problem.ts';
import { createRequestBudget, type OverBudget } from '../network/request-budget.ts';
import type { Conversation } from './conversation.ts';
import { egressOf } from './egress.ts';
import type { OciRegistryOptions } from './oci-registry.ts';

/** Sends requests to registries and token servers: each one guarded, counted, and within the budget of its registry. */
export interface Sender {
  send(conversation: Conversation, request: HttpRequest): Promise<Exchange | OverBudget>;
  /** Requests sent so far. */
  requests(): number;
}

/** Requests to one registry at the same time. */
const MAX_AT_ONCE = 4;

/** A sender over HTTP. */
export function createSender(options: OciRegistryOptions & { readonly now: () => number; readonly timeoutMs: number }): Sender {
  const { now, timeoutMs, connectMs = CONNECT_MS, perMinute = 60, resolve, ca, env = process.env } = options;
  const guard = createAddressGuard({ ...egressOf(options), resolve });
  const http = createHttpClient({ guard, env, timeoutMs, connectMs, ca });
  const budget = createRequestBudget({ perMinute, atOnce: MAX_AT_ONCE, now });
  let requests = 0;
  return {
    requests: () => requests,
    send(conversation, request) {
      let hops = 0;
      return budget.within(conversation.host, () =>
        http(request, () => {
          requests += 1;
          conversation.sent += 1;
          hops += 1;
          if (hops > 1) budget.charge(conversation.host);
        }),
      );
    },
  };
}
