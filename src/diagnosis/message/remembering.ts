import { LRUCache } from 'lru-cache';
import type { PullError, PullErrorClassifier } from './pull-error.ts';

/** Different messages that are remembered, and their characters in all. */
const MAX_MESSAGES = 500;
const MAX_CHARACTERS = 1_000_000;

/**
 * A classifier that remembers what it said lately. The kubelet says the same in status and events, and of all pods that fail alike, so most
 * messages come many times.
 */
export function remembering(classify: PullErrorClassifier): PullErrorClassifier {
  const known = new LRUCache<string, PullError>({
    max: MAX_MESSAGES,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_, message) => Math.max(1, message.length),
  });
  return (message) => {
    const earlier = known.get(message);
    if (earlier) return earlier;
    const error = classify(message);
    known.set(message, error);
    return error;
  };
}
