import { type ErrorUrl, readUrl } from './error-url.ts';

/**
 * Turns a pull-error message into plain words that rules can be matched against.
 *
 * Whatever a person, an image author or a server could choose (image names, tags, hosts, URLs, paths, digests) is data
 * and becomes a placeholder such as `<ref>` before any rule looks. An image called `timeout/unauthorized:not-found`
 * therefore cannot look like a timeout.
 */
export interface ErrorText {
  /** Lower-case words with every piece of data replaced by a placeholder. */
  readonly words: string;
  /** URLs in the order they stand in the message, without user info and query values. */
  readonly urls: readonly ErrorUrl[];
  /** Image references in the order they stand in the message, as written. */
  readonly references: readonly string[];
  /** The host a name lookup asked for, when the message tells of one. */
  readonly lookedUp?: string;
}

/** Longer messages keep their beginning (the wrappers) and their end (the root of the chain). */
const HEAD_LENGTH = 12_288;
const TAIL_LENGTH = 4_096;

/** Undoes the quoting of logs and JSON and caps the length, so that the same error reads the same wherever it was printed. */
export function normalise(message: string): string {
  const capped = message.length <= HEAD_LENGTH + TAIL_LENGTH ? message : `${message.slice(0, HEAD_LENGTH)} ${message.slice(-TAIL_LENGTH)}`;
  const unescaped = capped.includes('\\')
    ? capped.replace(WINDOWS_PATH, '<path>').replace(ESCAPE, (_, letter: string) => ESCAPED[letter] ?? letter)
    : capped;
  return withoutCombined(unescaped.replace(CONTROL, ' ').trim());
}

/** An event's text without the words that the kubelet puts before it once it has merged similar ones. */
export function withoutCombined(text: string): string {
  return text.startsWith(COMBINED) ? text.slice(COMBINED.length).trimStart() : text;
}

const COMBINED = '(combined from similar events):';

/** `C:\ProgramData\docker\tmp`, whose `\t` is no tab; more backslashes where it was quoted again. */
const WINDOWS_PATH = /(?<![\w\\])(?:\\{2,8}\?\\{1,4})?[A-Za-z]:(?:\\{1,8}[\w.$()~-]{1,255}){1,40}/g;

const ESCAPE = /\\{1,8}(u003c|u003e|u0027|u0026|["'nrt/])/g;
const ESCAPED: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\n',
  t: ' ',
  u003c: '<',
  u003e: '>',
  u0027: "'",
  u0026: '&',
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** What was taken out of a text on the way. */
interface Found {
  readonly urls: ErrorUrl[];
  readonly references: string[];
  lookedUp: string | undefined;
}

/** The words of one error with its data taken out. Linear in the length of the text. */
export function readErrorText(text: string): ErrorText {
  const found: Found = { urls: [], references: [], lookedUp: undefined };
  const masks = [maskOperands, maskUrls, maskQuoted, maskBareOperands, maskTokens];
  const coded = text.includes('"code"') ? text.replace(REGISTRY_CODE, ' code=$1 ') : text;
  const plain = coded.includes('x03') ? coded.replace(TLS_RECORD, '$1 tls-alert') : coded;
  const masked = masks.reduce((words, mask) => mask(words, found), plain);
  const lower = masked.toLowerCase().replace(/["“”]/g, ' ').split(/\s+/).join(' ');
  const sized = SIZED.test(lower) ? lower.replace(SIZE, '<size>') : lower;
  const words = (/api error|server error|http code/.test(sized) ? sized.replace(DAEMON_API, ' ').replace(/ {2,}/g, ' ') : sized).trim();
  const { urls, references, lookedUp } = found;
  return { words, urls, references, ...(lookedUp === undefined ? {} : { lookedUp }) };
}

/** `image "X"`, `reference "X"`: whatever stands in the quotes is data. */
function maskOperands(text: string, found: Found): string {
  if (!text.includes('"')) return text;
  return text.replace(OPERAND, (whole, word: string, value: string) => {
    // A URL is left for the next mask, which reads its host.
    if (value.includes('://')) return whole;
    if (value !== '' && IMAGE_WORD.test(word)) found.references.push(value);
    return `${word} <ref>`;
  });
}

function maskUrls(text: string, found: Found): string {
  if (!text.includes('://')) return text;
  return text.replace(URL_TEXT, (whole, scheme: string, rest: string, offset: number) => {
    const [body, tail] = splitTrailing(rest);
    if (scheme === 'docker' || scheme === 'oci' || scheme === 'containers-storage') {
      found.references.push(body);
      return `<ref>${tail}`;
    }
    if (scheme !== 'http' && scheme !== 'https') return whole.startsWith('http+') ? `<url>${tail}` : `<path>${tail}`;
    const url = readUrl(body, REQUEST.test(text.slice(Math.max(0, offset - 24), offset)));
    if (url) found.urls.push(url);
    return `<url>${tail}`;
  });
}

function maskQuoted(text: string, found: Found): string {
  if (!text.includes('"')) return text;
  return text.replace(QUOTED, (_, value: string) => {
    const kept = PLACEHOLDER.test(value) ? value : dataPlaceholder(value, found.references);
    return ` ${kept ?? '<arg>'} `;
  });
}

function maskBareOperands(text: string, found: Found): string {
  const lower = text.toLowerCase();
  return BARE_OPERANDS.filter(({ holds }) => holds.some((word) => lower.includes(word))).reduce(
    (words, { phrase }) =>
      words.replace(phrase, (whole, before: string, value: string) => {
        if (value.startsWith('<')) return whole;
        const [operand, tail] = splitTrailing(value);
        if (/^lookup/i.test(before)) found.lookedUp ??= operand;
        else if (!/manifests? $/i.test(before)) found.references.push(operand);
        return `${before}<ref>${tail}`;
      }),
    text,
  );
}

function maskTokens(text: string, found: Found): string {
  return text
    .split(/\s+/)
    .map((token) => (mayBeData(token) ? maskToken(token, found) : token))
    .join(' ');
}

/** Names, hosts, paths and digests all have one of these inside. */
function mayBeData(token: string): boolean {
  return token.length > 2 && ['.', '/', ':', '->'].some((sign) => token.includes(sign));
}

function maskToken(token: string, found: Found): string {
  const lead = LEADING.exec(token)?.[0] ?? '';
  const [core, tail] = splitTrailing(token.slice(lead.length));
  const placeholder = dataPlaceholder(core, found.references);
  return placeholder === undefined ? token : `${lead}${placeholder}${tail}`;
}

/** A piece of data and the punctuation of the sentence behind it. */
function splitTrailing(text: string): readonly [core: string, tail: string] {
  let end = text.length;
  while (
    end > 0 &&
    text.length - end < MAX_TRAILING &&
    TRAILING.includes(text.charAt(end - 1)) &&
    !text.startsWith(MARK, end - MARK.length)
  )
    end -= 1;
  return [text.slice(0, end), text.slice(end)];
}

const URL_TEXT = /\b([a-z][a-z-]{1,20}(?:\+[a-z]{1,10})?):\/\/([^\s"'\\]{1,4096})/gi;
/** The words before a URL that was asked, as Go's net/http, containerd and containers/image print them. */
const REQUEST = /(?:\b(?:get|head|post|put|patch|delete|to|code|url:?|endpoint|attempt:|status|registry|from|at|for))\s{1,3}["']?$/i;
const LEADING = /^[([{<'`*]{1,8}/;
const TRAILING = "])}>'`:;,.!?";
/** What redaction leaves in place of a secret, such as the signature at the end of a URL. */
const MARK = '[redacted]';
const MAX_TRAILING = 8;
/** The specification's error codes inside a JSON body, e.g. {"code":"MANIFEST_UNKNOWN"}. */
const REGISTRY_CODE = /"code"\s{0,4}:\s{0,4}"([A-Za-z_]{3,40})"/g;
/** Two bytes that open a TLS alert, read as the answer of a server that was asked in plain HTTP. */
const TLS_RECORD = /(malformed HTTP response) "\\{1,4}x15\\{1,4}x03[^\s]{0,200}/gi;
/** Quoted names: whatever stands in the quotes, even with spaces, is data. */
const OPERAND =
  /\b(image name|image reference|images?|reference|ref|name|tag|container|repository|from host|artifact|for) "([^"]{0,512})"/gi;
const PLACEHOLDER = /^<(?:ref|url|path|host|digest|platform|media-type|config-file)>$/;
const IMAGE_WORD = /^(?:images?|image name|image reference|reference|ref|repository|artifact)$/i;
const QUOTED = /"([^"\s]{1,2048})"/g;

/**
 * Places of the known grammars where a bare word is data. Each has the words before it and the word itself; a text that
 * holds none of `holds` need not be searched.
 */
const BARE_OPERANDS: readonly { readonly holds: readonly string[]; readonly phrase: RegExp }[] = [
  { holds: ['lookup '], phrase: /\b(lookup )(\S{1,300})(?= on |:|\s|$)/gi },
  { holds: ['reading manifest '], phrase: /\b(reading manifest )(\S{1,300})(?= in )/gi },
  { holds: ['reading manifest '], phrase: /\b(reading manifest <ref> in )(\S{1,300})/gi },
  { holds: ['manifests '], phrase: /\b(manifests )([^\s\]]{1,300})(?=\])/gi },
  { holds: ['manifest for '], phrase: /\b(manifest for )(\S{1,300})(?= not found)/gi },
  { holds: ['access denied for '], phrase: /\b(access denied for )(\S{1,300})(?=,| )/gi },
  { holds: ['no such image: '], phrase: /\b(no such image: )(\S{1,300})/gi },
  { holds: ['repository '], phrase: /\b(repository )(\S{1,300})(?= not found| does not exist)/gi },
  {
    holds: [' image '],
    phrase: /\b((?:pull(?:ing|ed)?|find|inspect|get) image )(?!from|for |or |with|manifest|config|err)(\S{2,300})(?=[: ])/gi,
  },
  { holds: ['image '], phrase: /\b(image )(\S{2,300})(?= not found)/gi },
  { holds: ['image name '], phrase: /\b(image name )(\S{2,300})(?= returns)/gi },
  {
    holds: ['unable to pull ', 'error pulling ', 'trying to pull ', "couldn't find image ", 'pulling from host '],
    phrase:
      /\b((?:unable to pull|error pulling|trying to pull repository|couldn't find image|pulling from host) )(?!image|manifest|signature|from)(\S{2,300})/gi,
  },
];

/** Docker's and dockerode's own status in front of the daemon's error says nothing about the registry. */
const DAEMON_API =
  /\(http code [0-9]{3}\) [a-z -]{1,40} - |api error \([0-9]{3}\): |[0-9]{3} server error for <url>: internal server error \(/g;

/** Counted bytes, which may read like an HTTP status: `size validation: 404 != 1200`, `expected 429 bytes but got 0`. */
const SIZE = /\b[0-9]{1,20} != [0-9]{1,20}\b|\b[0-9]{1,20}(?= bytes\b)|(?<=\b(?:size|got|expected) )[0-9]{1,20}\b(?! \(?[a-z])/g;
const SIZED = / != | bytes\b|\bsize [0-9]/;

/** Tokens with a slash that are words of an error, not names. */
const WORDS_WITH_SLASH =
  /^(?:i\/o|net\/http|archive\/tar|fork\/exec|http\/[0-9.x]{1,4}|https?\/https?|and\/or|read\/write|username\/password|user\/password|tar\/gzip|n\/a|input\/output)$/i;
/** Configuration of runtimes and registries; which file is broken is a word of the error. */
const CONFIG_FILE =
  /^(?:\/etc\/(?:containers|containerd|crio|docker)\/|(?:hosts|config)\.toml$|policy\.json$|registries\.conf$|storage\.conf$|crio\.conf$|daemon\.json$)/;
const LOGIN_FILE = /\/(?:auth|config)\.json$/;
const PLATFORM = /^(?:linux|windows|darwin|freebsd)\/[a-z0-9]{2,12}(?:\/[a-z0-9]{1,8})?$/;
const MEDIA_TYPE = /^(?:application|text|image)\/[a-z0-9][a-z0-9.+_-]{0,120}$/i;
const DIGEST = /(?:^|[@:-])(?:sha256|sha384|sha512):[0-9a-f[\]x.]{2,}/i;
/** The services of the container runtime interface; another name behind "unknown service" is some other program's. */
const CRI_SERVICE = /^runtime\.v1(?:alpha2)?\.(?:Image|Runtime)Service$/i;
/** `MountVolume.SetUp` and the like, with which the kubelet's errors about volumes begin. */
const VOLUME_STEP = /^[A-Z][a-z]{2,8}Volume\.[A-Z][A-Za-z]{2,20}$/;
const HOST = /^(?=.{4,255}$)[a-z0-9_*#-]{1,63}(?:\.[a-z0-9_*#-]{1,63}){1,20}(?::[0-9]{1,5})?$/i;
const NAME_AND_TAG = /^[a-z0-9][a-z0-9._-]{0,127}:[a-z0-9_][a-z0-9._-]{0,127}$/i;
const ADDRESS = /^(?:\[[0-9a-f:.]{2,45}\]|[0-9]{1,3}(?:\.[0-9x]{1,3}){3}|[^\s/]{1,255}):[0-9]{1,5}$/i;

/** What stands for a token of data, or undefined for a word of the error. Images are kept in `references`. */
function dataPlaceholder(core: string, references: string[]): string | undefined {
  if (core.length < 3) return undefined;
  if (CONFIG_FILE.test(core) || (core.endsWith('.json') && LOGIN_FILE.test(core))) return '<config-file>';
  const kind = core.includes('/') ? slashedKind(core) : plainKind(core);
  if (kind === '<ref>') references.push(core);
  return kind;
}

function slashedKind(core: string): string | undefined {
  if (/^\.{0,2}\//.test(core)) return '<path>';
  if (WORDS_WITH_SLASH.test(core)) return undefined;
  if (PLATFORM.test(core)) return '<platform>';
  if (!MEDIA_TYPE.test(core)) return '<ref>';
  return core.toLowerCase() === 'text/html' ? undefined : '<media-type>';
}

function plainKind(core: string): string | undefined {
  if (DIGEST.test(core)) return '<digest>';
  if (core.includes(':') && (ADDRESS.test(core) || core.includes('->'))) return '<host>';
  if (NAME_AND_TAG.test(core)) return '<ref>';
  return HOST.test(core) && !CRI_SERVICE.test(core) && !VOLUME_STEP.test(core) ? '<host>' : undefined;
}
