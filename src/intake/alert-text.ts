/** The pod that an alert is about. */
export type AlertPod =
  | { readonly status: 'found'; readonly namespace: string; readonly pod: string; readonly others: number }
  | { readonly status: 'none'; readonly says: string };

const MAX_CHARACTERS = 20_000;
const LABEL = '[a-z0-9](?:[-a-z0-9.]{0,61}[a-z0-9])?';
const QUOTES = '["\'`*_ ]{0,3}';

/** `namespace: shop`, `namespace="shop"`, `"namespace":"shop"`, `*Namespace:* shop`, `kube_namespace:shop`. */
const NAMESPACE = new RegExp(`\\b(?:kube_|exported_|pod_)?namespace${QUOTES}[:=]${QUOTES}(${LABEL})`, 'gi');
/** The same for pods; a few senders say pod_name. */
const POD = new RegExp(
  `\\b(?:kube_|exported_)?pod(?:_name| name)?${QUOTES}[:=]${QUOTES}(?:(${LABEL})/)?([a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?)`,
  'gi',
);
/** `Pod shop/web-0`, `` `shop/web-0` ``. */
const PAIR = new RegExp(`(?:\\bpod[ \`*"']{1,4}|\`)(${LABEL})/([a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?)`, 'gi');

/** Finds namespace and pod in an alert somebody posted: labels in any of the usual spellings, or `namespace/pod`. */
export function podOfAlert(text: string): AlertPod {
  const read = text.slice(0, MAX_CHARACTERS);
  const pairs = [...read.matchAll(PAIR)].map(([, namespace = '', pod = '']) => `${namespace}/${pod}`);
  const namespaces = [...read.matchAll(NAMESPACE)].map((match) => ({ at: match.index, namespace: match[1] ?? '' }));
  const labelled = [...read.matchAll(POD)].flatMap((match) => {
    const [, own, pod = ''] = match;
    const namespace = own ?? nearestTo(match.index, namespaces, read);
    return namespace === undefined ? [] : [`${namespace}/${pod}`];
  });
  const pods = [...new Set([...labelled, ...pairs].map((pair) => pair.toLowerCase()))];
  const [namespace, pod] = pods[0]?.split('/') ?? [];
  if (namespace === undefined || pod === undefined)
    return {
      status: 'none',
      says: 'I found no namespace and pod in this message. Mention me in its thread with `diagnose NAMESPACE/POD`.',
    };
  return { status: 'found', namespace, pod, others: pods.length - 1 };
}

/** Labels of one alert stand on one line or one after another, namespace before pod as sorted labels do. */
function nearestTo(pod: number, namespaces: readonly Found[], text: string): string | undefined {
  const sameLine = namespaces.filter(({ at }) => !text.slice(Math.min(at, pod), Math.max(at, pod)).includes('\n'));
  const candidates = sameLine.length > 0 ? sameLine : namespaces;
  return (candidates.findLast(({ at }) => at < pod) ?? candidates[0])?.namespace;
}

interface Found {
  readonly at: number;
  readonly namespace: string;
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
