import { type ImageReference, parseImageReference, repositoryName, splitPort } from '../diagnosis/image-reference.ts';
import type { PodImage, Target } from '../diagnosis/target.ts';
import { list, shortened } from '../diagnosis/wording.ts';

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
  'node',
  'serviceAccount',
  'secret',
  'pullSecrets',
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];
/** A value for every placeholder; what is not known reads `<registry>` and the like, to be filled in by hand. */
export type PlaceholderValues = Readonly<Record<Placeholder, string>>;

/** The values for one failing image of a target. `host` is the host the runtime could not get along with, if it named one. */
export function placeholderValues(target: Target, image: PodImage, host: string | undefined): PlaceholderValues {
  const parsed = parseImageReference(image.image);
  const reference = parsed.status === 'valid' ? parsed.reference : undefined;
  const registry = reference?.registry ?? '<registry>';
  // What failed may be a token server, a mirror or a blob store; then that is what has to be tried.
  const asked = host ?? registry;
  const server = asked === 'docker.io' ? 'registry-1.docker.io' : asked;
  const { host: serverHost, port = '443' } = splitPort(server);
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
    registryKey: registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry,
    repository: reference ? repositoryName(reference) : '<repository>',
    repositoryPath: reference?.repository ?? '<repository>',
    host: host ?? registry,
    owner: target.workload ? `${target.workload.kind.toLowerCase()}/${target.workload.name}` : `pod/${target.pod}`,
    node: target.node ?? '<node>',
    serviceAccount: target.serviceAccount,
    secret: target.pullSecrets[0] ?? 'regcred',
    pullSecrets:
      target.pullSecrets.length === 1 ? `pull secret ${target.pullSecrets[0]}` : `pull secrets ${list(target.pullSecrets)}`.trimEnd(),
  };
}

/** The image without its registry: `shop/web:1.27`. */
function pathOf(reference: ImageReference): string {
  return reference.text.startsWith(`${reference.registry}/`) ? reference.text.slice(reference.registry.length + 1) : reference.text;
}

/** `tag 1.27`, `digest sha256:9f3c…`; a reference without either means the tag latest. */
function versionOf({ tag, digest }: ImageReference): string {
  return digest === undefined ? `tag ${tag ?? 'latest'}` : `digest ${shortened(digest, 24)}`;
}

/** Fills a text for people. */
export function fillText(template: string, values: PlaceholderValues): string {
  return template.replace(PATTERN, (_, key: Placeholder) => values[key]);
}

/**
 * Fills a command that somebody will paste into a shell. Names come from manifests, so whatever a shell could take for
 * anything but a word is quoted: an image called `$(reboot)` stays a name. Inside double quotes, where a quoted value
 * would end the string, such a value is replaced by a hint to fill it in by hand.
 */
export function fillCommand(template: string, values: PlaceholderValues): string {
  return template.replace(PATTERN, (_, key: Placeholder, offset: number) => {
    const value = values[key];
    if (PLAIN_WORD.test(value) || PLACEHOLDER_WORD.test(value)) return value;
    return isQuoted(template.slice(0, offset)) ? `<${key}>` : `'${value.replaceAll("'", `'\\''`)}'`;
  });
}

/** True when the text before a placeholder leaves a quote open. */
function isQuoted(before: string): boolean {
  let open = '';
  for (const char of before) {
    if (open === '' && (char === '"' || char === "'")) open = char;
    else if (char === open) open = '';
  }
  return open !== '';
}

const PATTERN = new RegExp(`\\{(${PLACEHOLDERS.join('|')})\\}`, 'g');
const PLAIN_WORD = /^[A-Za-z0-9@%+=:,./_-]+$/;
const PLACEHOLDER_WORD = /^<[a-z ]+>$/;
