import type { PodImage, Target } from '../diagnosis/pod/target.ts';
import { apiHostOf, DOCKER_HUB } from '../facts/docker-hub.ts';
import { type ImageReference, parseImageReference, repositoryName, splitPort } from '../facts/image-reference.ts';
import { list, shortened } from '../text/wording.ts';

/** What the texts and commands of causes.yaml may refer to. */
export const PLACEHOLDERS = [
  'namespace',
  'pod',
  'container',
  'image',
  'imagePath',
  'version',
  'registry',
  'registryHost',
  'registryPort',
  'registryKey',
  'repository',
  'repositoryPath',
  'host',
  'owner',
  'job',
  'node',
  'runtime',
  'serviceAccount',
  'secret',
  'pullSecrets',
  'newSecret',
  'imagePullSecrets',
  'release',
  'managerSign',
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];
/** A value for every placeholder; what is not known reads `<registry>` and the like, to be filled in by hand. */
export type PlaceholderValues = Readonly<Record<Placeholder, string>>;

/** What a diagnosis knows of a failing image beyond the pod. */
export interface KnownNames {
  readonly secret?: string | undefined;
  /** The system service of the node's runtime. */
  readonly runtime?: string | undefined;
  /** The host the runtime could not get along with, if it named one. */
  readonly host?: string | undefined;
}

/** The values for one failing image of a target. A secret is only named where a finding proves that it is the one. */
export function placeholderValues(target: Target, image: PodImage, known: KnownNames): PlaceholderValues {
  const parsed = parseImageReference(image.image);
  const reference = parsed.status === 'valid' ? parsed.reference : undefined;
  const registry = reference?.registry ?? '<registry>';
  // What failed may be a token server, a mirror or a blob store; then that is what has to be tried.
  const asked = known.host ?? registry;
  const server = apiHostOf(asked);
  const { host: serverHost, port = '443' } = splitPort(server);
  const newSecret = reference ? freshName(reference.registry, target.pullSecrets) : '<new secret>';
  return {
    namespace: target.namespace,
    pod: target.pod,
    container: image.name,
    image: image.image,
    imagePath: reference ? pathOf(reference) : image.image,
    version: reference ? versionOf(reference) : '<version>',
    registry,
    registryHost: serverHost,
    registryPort: port,
    registryKey: registry === DOCKER_HUB.registry ? DOCKER_HUB.loginKey : registry,
    repository: reference ? repositoryName(reference) : '<repository>',
    repositoryPath: reference?.repository ?? '<repository>',
    host: known.host ?? registry,
    owner: ownerOf(target),
    job: target.job ?? '<job>',
    node: target.node ?? '<node>',
    runtime: known.runtime ?? '<runtime>',
    serviceAccount: target.serviceAccount,
    secret: known.secret ?? '<secret>',
    pullSecrets:
      target.pullSecrets.length === 1 ? `pull secret ${target.pullSecrets[0]}` : `pull secrets ${list(target.pullSecrets)}`.trimEnd(),
    newSecret,
    imagePullSecrets: JSON.stringify([...target.pullSecrets, newSecret].map((name) => ({ name }))),
    release: target.managedBy?.name ?? '<release>',
    managerSign: target.managedBy?.sign ?? '<label>',
  };
}

/** `deployment/web`. An owner's kind and name are whatever the author of a pod wrote, so only what can be a name is taken. */
function ownerOf({ workload, pod }: Target): string {
  if (!workload) return `pod/${pod}`;
  return KIND.test(workload.kind) && OBJECT_NAME.test(workload.name) ? `${workload.kind.toLowerCase()}/${workload.name}` : '<workload>';
}

const KIND = /^[A-Za-z][A-Za-z0-9]{0,62}$/;
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** The image without its registry: `shop/web:1.27`. */
function pathOf(reference: ImageReference): string {
  return reference.text.startsWith(`${reference.registry}/`) ? reference.text.slice(reference.registry.length + 1) : reference.text;
}

/** `tag 1.27`, `digest sha256:9f3c…`; a reference without either means the tag latest. */
function versionOf({ tag, digest }: ImageReference): string {
  return digest === undefined ? `tag ${tag ?? 'latest'}` : `digest ${shortened(digest, 24)}`;
}

/** A name for a secret that says which registry it is for, and that none of the pod's secrets has. */
function freshName(registry: string, taken: readonly string[]): string {
  const words = registry
    .toLowerCase()
    .replace(/[^a-z0-9.]{1,250}/g, '-')
    .replace(/^[-.]{1,250}|[-.]{1,250}$/g, '');
  const base = `pull-${words.slice(0, 200)}`;
  for (let nth = 1; ; nth++) {
    const name = nth === 1 ? base : `${base}-${nth}`;
    if (!taken.includes(name)) return name;
  }
}

/** Fills a text for people. */
export function fillText(template: string, values: PlaceholderValues): string {
  return template.replace(PATTERN, (_, key: Placeholder) => values[key]);
}

/**
 * Fills a command that somebody will paste into a shell. Names come from manifests, so whatever a shell could take for
 * anything but a word is quoted: an image called `$(reboot)` stays a name. Inside quotes of the command, where a quoted
 * value would end the string, such a value is replaced by a hint to fill it in by hand.
 */
export function fillCommand(template: string, values: PlaceholderValues): string {
  return template.replace(PATTERN, (_, key: Placeholder, offset: number) => {
    const value = values[key];
    const open = openQuote(template.slice(0, offset));
    if (open === "'" && (QUOTED_WORD.test(value) || SECRET_LIST.test(value))) return value;
    // A shell hands it on as it is, and the command would take it for an option of its own.
    if (value.startsWith('-')) return `<${key}>`;
    if (PLAIN_WORD.test(value) || PLACEHOLDER_WORD.test(value)) return value;
    return open === '' ? `'${value.replaceAll("'", `'\\''`)}'` : `<${key}>`;
  });
}

/** The quote that the text before a placeholder leaves open; empty where it leaves none. */
function openQuote(before: string): string {
  let open = '';
  for (const char of before) {
    if (open === '' && (char === '"' || char === "'")) open = char;
    else if (char === open) open = '';
  }
  return open;
}

const PATTERN = new RegExp(`\\{(${PLACEHOLDERS.join('|')})\\}`, 'g');
const PLAIN_WORD = /^[A-Za-z0-9@%+=:,./_-]+$/;
/** Inside single quotes brackets are no pattern: the address of an IPv6 registry. */
const QUOTED_WORD = /^[A-Za-z0-9@+=:,./_[\]-]+$/;
/** What placeholderValues makes of the names of secrets. */
const SECRET_LIST = /^\[\{"name":"[a-z0-9.-]+"\}(?:,\{"name":"[a-z0-9.-]+"\}){0,100}\]$/;
const PLACEHOLDER_WORD = /^<[A-Za-z ]+>$/;
