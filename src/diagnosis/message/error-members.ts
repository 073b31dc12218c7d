/** The errors that one message holds side by side. */
export interface ErrorMembers {
  /** The text before the first of them: it names the image that was asked for. */
  readonly wrapper: string;
  readonly members: readonly string[];
  /** True when the first one is the error and the others only accompany it; otherwise none comes before another. */
  readonly firstLeads: boolean;
}

/** More side by side is no error that a runtime printed; the first ones tell enough. */
const MAX_MEMBERS = 16;

/**
 * Takes a message apart: the kubelet's `[e1, e2]` (one per credential), CRI-O's `pull image err …; artifact err …`, and
 * what containers/image prints for several registries (a bulleted list) or mirrors (`(Mirrors also failed: […]): …`).
 * Undefined for a message with one error.
 */
export function splitMembers(text: string): ErrorMembers | undefined {
  const found = bulleted(text) ?? withMirrors(text) ?? withArtifact(text) ?? perCredential(text);
  return found && { ...found, members: found.members.slice(0, MAX_MEMBERS) };
}

function bulleted(text: string): ErrorMembers | undefined {
  const [wrapper = '', ...members] = text.split(/\n\s{0,40}\* /);
  return members.length === 0 ? undefined : { wrapper, members, firstLeads: false };
}

const MIRRORS = '(Mirrors also failed: [';

/** The error of the registry itself stands behind those of its mirrors. */
function withMirrors(text: string): ErrorMembers | undefined {
  const open = text.indexOf(MIRRORS);
  const close = text.indexOf(']): ', open);
  if (open < 0 || close < 0) return undefined;
  const mirrors = text.slice(open + MIRRORS.length, close).split('] [');
  return { wrapper: text.slice(0, open), members: [text.slice(close + 4), ...mirrors], firstLeads: true };
}

/** CRI-O tries a reference as an image and then as an artifact; the second failure follows from the first. */
function withArtifact(text: string): ErrorMembers | undefined {
  const image = text.indexOf('pull image err:');
  const artifact = text.indexOf('; artifact err:');
  if (image < 0 || artifact < image) return undefined;
  return { wrapper: text.slice(0, image), members: [text.slice(image, artifact), text.slice(artifact + 2)], firstLeads: true };
}

const LIST_START = /: \[(?:rpc error: code|failed to|error|unable|initializing|reading|pinging|Error|Get )/;
const MEMBER_START =
  /, (?=rpc error: code|failed to (?:pull|resolve|authorize|fetch)|Error response|initializing source|reading manifest|unable to pull)/;

/** The kubelet asks once with each credential and joins what it gets. */
function perCredential(text: string): ErrorMembers | undefined {
  const list = text.search(LIST_START);
  if (list < 0) return undefined;
  const start = text.indexOf('[', list) + 1;
  const close = text.lastIndexOf(']');
  const inner = close > start ? text.slice(start, close) : text.slice(start);
  return { wrapper: text.slice(0, start), members: inner.split(MEMBER_START), firstLeads: false };
}
