import type { Location } from './alert.ts';
import { workloadKindOf } from './location-of-labels.ts';

/** Longer texts are read up to here. */
const MAX_CHARACTERS = 20_000;
const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const NAME = '[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?';
/** What stands around names: quotes, code marks, Markdown. */
const QUOTES = '["\'`*_ ]{0,3}';
const KINDS = 'pods?|deployment|stateful ?set|daemon ?set|replica ?set|cron ?job|job';
const PREFIX = '(?:(?:kube|exported|k8s|kubernetes|pod)_)?';

/** `namespace: shop`, `namespace="shop"`, `"namespace":"shop"`, `*Namespace:* shop`, `kube_namespace:shop`. */
const NAMESPACE = new RegExp(`\\b${PREFIX}namespace(?:_name)?${QUOTES}[:=]${QUOTES}(${LABEL})`, 'gi');
/** The same for pods and workloads; a few senders say pod_name or deployment_name. */
const LABELLED = new RegExp(`\\b${PREFIX}(${KINDS})([_ ]name)?${QUOTES}([:=])${QUOTES}(?:(${LABEL})/)?(${NAME})`, 'gi');
/** `Pod shop/web-0`, `Deployment shop/web has not matched`. */
const PAIR = new RegExp(`\\b(${KINDS})[ \`*"']{1,4}(${LABEL})/(${NAME})`, 'gi');
/** `` `shop/web-0` ``, which people write for a pod. */
const CODE = new RegExp(`\`(${LABEL})/(${NAME})`, 'gi');
/** `deployment/web` beside a namespace that is named elsewhere. */
const SLASHED = new RegExp(`(?<![\\w/.-])(${KINDS})/(${NAME})(?![\\w/])`, 'gi');
/**
 * `pod/web-0 in namespace shop`, `The pod 'web-0' in the namespace 'shop'`, and with up to six words between, which end no sentence:
 * `Pod web-0 is ImagePullBackOff on namespace shop`, as Datadog's recommended monitor says.
 */
const IN_NAMESPACE = new RegExp(
  `\\b(${KINDS})(?:[ _]name)?[ /\`*"':]{1,4}(${NAME})[\`*"']{0,3}(?: {1,2}\\S{0,59}[^\\s.,;]){0,6}? {1,2}(?:in|on|of|from) (?:the )?namespace[ :\`*"']{1,4}(${LABEL})`,
  'gi',
);
/** `Deployment web in the shop namespace`, `Pod web-0 in shop is not ready`, `Pod web-0 is in ImagePullBackOff on shop`. */
const IN_NAMED = new RegExp(
  `\\b(${KINDS})[ /\`*"':]{1,4}(${NAME})[\`*"']{0,3} (?:in (?:the )?[\`*"']{0,3}(?!(?:the|this|that|a|its|namespace)\\b)(${LABEL})[\`*"']{0,3} (?:namespace|is|has|was|can|could|fail)|is (?:in )?(?:ImagePullBackOff|ErrImagePull) on [\`*"']{0,3}(?!namespace\\b)(${LABEL}))`,
  'gi',
);
/** Netdata's charts of containers and pods; names of Kubernetes have no `_`: `cgroup_k8s_cntr_shop_web-0_app.cpu`. */
const CGROUP = new RegExp(`(?<![a-z0-9])k8s_(?:cntr_(${LABEL})_(${NAME})_(${LABEL})|pod_(${LABEL})_(${LABEL}))`, 'gi');

interface Found {
  readonly at: number;
  readonly namespace: string;
}

/**
 * Finds what a text names: pods and workloads with their namespaces, in the order of how surely they are meant; with neither, the
 * namespace it names first. `namespace` stands for a name without one. Never throws; takes time linear in the text.
 */
export function locationsInText(text: string, namespace?: string): readonly Location[] {
  const read = text.slice(0, MAX_CHARACTERS);
  const namespaces = [...read.matchAll(NAMESPACE)].map((match) => ({ at: match.index, namespace: (match[1] ?? '').toLowerCase() }));
  const near = (at: number) => nearestTo(at, namespaces, read) ?? namespace;
  const locations = [
    ...labelled(read, near),
    ...[...read.matchAll(SLASHED)].map(({ index, 1: kind = '', 2: name = '' }) => locationOf(kind, near(index), name)),
    ...[...read.matchAll(PAIR)].map(([, kind = '', own, name = '']) => locationOf(kind, own, name)),
    ...[...read.matchAll(CODE)].map(([, own, name = '']) => locationOf('pod', own, name)),
    ...[...read.matchAll(IN_NAMESPACE)].map(([, kind = '', name = '', own]) => locationOf(kind, own, name)),
    ...[...read.matchAll(IN_NAMED)].map(([, kind = '', name = '', before, after]) => locationOf(kind, before ?? after, name)),
    ...[...read.matchAll(CGROUP)].map(([, own, pod, container, podOwn = '', podName = '']) =>
      pod === undefined ? locationOf('pod', podOwn, podName) : { ...locationOf('pod', own, pod), ...(container ? { container } : {}) },
    ),
  ].filter((location) => location.namespace !== undefined);
  const unique = [
    ...new Map(locations.map((location) => [JSON.stringify([location.namespace, location.pod, location.workload]), location])).values(),
  ];
  const [pods, workloads] = [unique.filter(({ pod }) => pod !== undefined), unique.filter(({ workload }) => workload)];
  const [first] = namespaces;
  return unique.length > 0 ? [...pods, ...workloads] : first ? [{ namespace: first.namespace }] : [];
}

function labelled(text: string, near: (at: number) => string | undefined): readonly Location[] {
  return [...text.matchAll(LABELLED)].flatMap((match) => {
    const [, kind = '', suffix, sign, own, name = ''] = match;
    // `job="kube-state-metrics"` is the scrape job of Prometheus.
    if (kind.toLowerCase() === 'job' && suffix === undefined && sign === '=') return [];
    return [locationOf(kind, own ?? near(match.index), name)];
  });
}

function locationOf(word: string, namespace: string | undefined, name: string): Location {
  const where = namespace === undefined ? {} : { namespace: namespace.toLowerCase() };
  const kind = workloadKindOf(word);
  return kind ? { ...where, workload: { kind, name: name.toLowerCase() } } : { ...where, pod: name.toLowerCase() };
}

/** Labels of one alert stand on one line or one after another, namespace before pod as sorted labels do. */
function nearestTo(at: number, namespaces: readonly Found[], text: string): string | undefined {
  const sameLine = namespaces.filter((found) => !text.slice(Math.min(found.at, at), Math.max(found.at, at)).includes('\n'));
  const candidates = sameLine.length > 0 ? sameLine : namespaces;
  return (candidates.findLast((found) => found.at < at) ?? candidates[0])?.namespace;
}
