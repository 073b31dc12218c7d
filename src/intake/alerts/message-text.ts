import { locationsInText } from '../../alerts/location-in-text.ts';

/** The pod that an alert is about. */
export type AlertPod =
  | { readonly status: 'found'; readonly namespace: string; readonly pod: string; readonly others: number }
  | { readonly status: 'none'; readonly says: string };

const MAX_CHARACTERS = 20_000;

/** Finds namespace and pod in an alert somebody posted: labels in any of the usual spellings, or `namespace/pod`. */
export function podOfAlert(text: string): AlertPod {
  const pods = locationsInText(text).filter(({ pod }) => pod !== undefined);
  const { namespace, pod } = pods[0] ?? {};
  if (namespace === undefined || pod === undefined)
    return {
      status: 'none',
      says: 'I found no namespace and pod in this message. Mention me in its thread with `diagnose NAMESPACE/POD`.',
    };
  return { status: 'found', namespace, pod, others: pods.length - 1 };
}

/** All text of a Slack message: its own, and that of its attachments and blocks, a line each. */
export function textOfMessage(message: unknown): string {
  return textsOf(message, '', 0).join('\n').slice(0, MAX_CHARACTERS);
}

const TEXT_KEYS: ReadonlySet<string> = new Set(['text', 'fallback', 'pretext', 'footer', 'value']);
/** Slack's messages nest less and hold less than this. */
const DEEPEST = 12;
const MAX_MEMBERS = 200;

function textsOf(value: unknown, key: string, depth: number): readonly string[] {
  if (typeof value === 'string') return TEXT_KEYS.has(key) ? [value.slice(0, MAX_CHARACTERS)] : [];
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.slice(0, MAX_MEMBERS).flatMap((item) => textsOf(item, key, depth + 1));
  // Attachments have fields of title and value, which belong on one line.
  const { title, value: content, ...rest } = value as { readonly title?: unknown; readonly value?: unknown };
  const field = typeof title === 'string' ? [typeof content === 'string' ? `${title}: ${content}` : title] : [];
  return [
    ...field,
    ...Object.entries(rest)
      .slice(0, MAX_MEMBERS)
      .flatMap(([name, inner]) => textsOf(inner, name, depth + 1)),
  ];
}
