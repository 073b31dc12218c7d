import { splitPort } from '../facts/image-reference.ts';

/** What one family of registries does differently from the distribution specification. Everything is optional but its name. */
export interface Quirk {
  /** Name of the family for people. */
  readonly name: string;
  /** Matches the host (without port) that an image reference names; absent for software that runs under any name. */
  readonly hosts?: RegExp;
  /** Matches a header of the answer, `name: value` in lower case, for software that runs under any name. Anybody can send one. */
  readonly headers?: RegExp;
  /** Other hosts that give out its tokens, and so are shown its logins; holds only for the hosts above. */
  readonly tokenHosts?: readonly string[];
  /** Other hosts that it sends pulls to, as a host list has them. */
  readonly storageHosts?: readonly string[];
  /** Answers that stand for "missing" as well as "not allowed", so that existence stays unproven. */
  readonly hidesMissing?: readonly (401 | 403 | 404)[];
  /** Its token server refuses a good login with 401 for what is missing. */
  readonly tokenServerHidesMissing?: boolean;
  /** Calls a missing repository a missing tag, as distribution's registry does; the list of tags tells them apart. */
  readonly conflatesMissing?: boolean;
  /** Text of a 403 that means the asking address is blocked, whoever asks. */
  readonly addressBlocked?: RegExp;
  /** A 403 with a web page means the same. */
  readonly pageMeansBlocked?: boolean;
  /** Text of a 403 that means the login itself has ended. */
  readonly loginEnded?: RegExp;
  /** A 403 without a body to a login means that it has ended. */
  readonly silentRefusalEndsLogin?: boolean;
  /** Most tags in one page. */
  readonly tagPage?: number;
}

const GOOGLE_HOST = /^(?:[a-z0-9-]{1,60}-docker\.pkg\.dev|docker\.pkg\.dev|(?:[a-z]{1,10}\.)?gcr\.io)$/;

/** Every family; the first that matches wins. registry.k8s.io comes before Google's, whose pattern its old name matches too. */
const QUIRKS: readonly Quirk[] = [
  // Redirects to a backend in Artifact Registry near the asker (kubernetes/registry.k8s.io, cmd/archeio) and refuses some
  // countries and addresses with a page. k8s.gcr.io is frozen.
  {
    name: 'registry.k8s.io',
    hosts: /^(?:registry\.k8s\.io|k8s\.gcr\.io)$/,
    storageHosts: ['*.pkg.dev'],
    addressBlocked: /your client does not have permission|not available in your/i,
    pageMeansBlocked: true,
  },
  // Answers alike for private and missing repositories. Its token server: distribution/distribution, docs/content/spec/auth/token.md;
  // its storage: docs.docker.com, desktop/setup/allow-list.
  {
    name: 'Docker Hub',
    hosts: /^(?:docker\.io|registry-1\.docker\.io)$/,
    tokenHosts: ['auth.docker.io'],
    storageHosts: ['production.cloudflare.docker.com', 'production.cloudfront.docker.com'],
    hidesMissing: [401, 403],
  },
  // Everybody may pull, by a token that is given to nobody in particular.
  { name: 'Amazon ECR Public', hosts: /^public\.ecr\.aws$/, tagPage: 1000 },
  // A token lives for twelve hours and then gets a 403, without a body on HEAD; tag lists refuse pages above 1000.
  {
    name: 'Amazon ECR',
    hosts: /^[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]{1,40}\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.aws)$/,
    loginEnded: /authorization token has expired|expired/i,
    silentRefusalEndsLogin: true,
    tagPage: 1000,
  },
  // And gcr.io, which it serves: every 403 says "or it may not exist", and means it. Its storage: cloud.google.com,
  // artifact-registry, protecting artifacts in a service perimeter.
  { name: 'Google Artifact Registry', hosts: GOOGLE_HOST, storageHosts: ['storage.googleapis.com'], hidesMissing: [401, 403] },
  // Its token server refuses with 401 also where only the tag is missing; a firewall names the address it blocks. Its storage:
  // learn.microsoft.com, container-registry, firewall access rules.
  {
    name: 'Azure Container Registry',
    hosts: /^[a-z0-9-]{1,60}(?:\.[a-z0-9-]{1,40})?\.azurecr\.(?:io|cn|us)$/,
    storageHosts: ['*.blob.core.windows.net'],
    hidesMissing: [401],
    tokenServerHidesMissing: true,
    addressBlocked: /client with ip '?"?[0-9a-f.:]{3,45}'?"? is not allowed access/i,
  },
  // Private and missing packages look alike, at the token server as well; a classic token needs read:packages, and single sign-on.
  // Its storage: docs.github.com, communication requirements of self-hosted runners.
  {
    name: 'GitHub Container Registry',
    hosts: /^(?:ghcr\.io|docker\.pkg\.github\.com)$/,
    storageHosts: ['pkg-containers.githubusercontent.com'],
    hidesMissing: [401, 403],
  },
  // 401 for a repository that does not exist. Its storage is at cdn.quay.io, cdn01.quay.io and so on.
  {
    name: 'Quay',
    hosts: /^quay\.io$/,
    headers: /^(?:server: .{0,80}\bquay\b|x-quay-)/,
    storageHosts: ['*.quay.io'],
    hidesMissing: [401],
  },
  // The token server (/jwt/auth of the GitLab instance; docs.gitlab.com, administration/packages/container_registry) gives a token
  // without rights instead of refusing, so a private or missing project is refused later, alike.
  {
    name: 'GitLab Container Registry',
    hosts: /^registry\.gitlab\.com$/,
    headers: /^www-authenticate: .{0,200}\/jwt\/auth"/,
    tokenHosts: ['gitlab.com'],
    hidesMissing: [401, 403],
  },
  // Hides repositories that the asker may not read; a wrong path serves its login page.
  {
    name: 'JFrog Artifactory',
    hosts: /\.jfrog\.io$/,
    headers: /^(?:x-jfrog-version|x-artifactory-id|server: artifactory)/,
    hidesMissing: [401, 403, 404],
    conflatesMissing: true,
  },
  // A missing project reads as 401 to nobody and 404 to others; a robot's name has a `$` that shells and charts eat.
  {
    name: 'Harbor',
    headers: /^(?:set-cookie: sid=|x-harbor|www-authenticate: .{0,300}service="harbor-registry")/,
    hidesMissing: [401],
  },
  // Serves docker on a connector's own port; its usual port answers with its web page.
  { name: 'Sonatype Nexus', headers: /^server: nexus\//, hidesMissing: [401, 403] },
];

/** A registry that follows the specification, as far as anybody knows. */
const PLAIN: Quirk = { name: 'registry', conflatesMissing: true };

/** The family of a registry: by the host of the reference, else by the headers of an answer. */
export function quirkOf(registry: string, headers: Readonly<Record<string, string>> = {}): Quirk {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`.toLowerCase().slice(0, 1000));
  return familyByHost(registry) ?? QUIRKS.find((quirk) => lines.some((line) => quirk.headers?.test(line))) ?? PLAIN;
}

/** The family that a registry belongs to by its host, which no answer can pretend. */
export function familyByHost(registry: string): Quirk | undefined {
  const host = splitPort(registry).host.toLowerCase();
  return QUIRKS.find((quirk) => quirk.hosts?.test(host));
}

/** Hosts of known registries besides the registries themselves, as a host list has them. Their names are not anybody's to choose. */
export const KNOWN_HOSTS: readonly string[] = QUIRKS.flatMap(({ tokenHosts = [], storageHosts = [] }) => [...tokenHosts, ...storageHosts]);
