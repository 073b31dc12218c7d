import type { Refusal } from '../facts/registry-answer.ts';
import type { Exchange } from '../network/http/exchange.ts';
import type { OverBudget } from '../network/request-budget.ts';

/** Why there is no HTTP response, in the words of registry answers. */
export function withoutResponse(
  exchange: Exclude<Exchange, { kind: 'response' }> | OverBudget,
): Extract<Refusal, { status: 'unreachable' | 'unusable' | 'not-asked' }> {
  switch (exchange.kind) {
    case 'unreachable':
      return { status: 'unreachable', problem: exchange.problem, host: exchange.host, message: exchange.message };
    case 'unusable':
      return { status: 'unusable', because: exchange.because };
    case 'over-budget':
      return { status: 'not-asked', because: exchange.because };
    default:
      return exchange satisfies never;
  }
}
