import { mapStrings } from '../text/map-strings.ts';

/**
 * Takes secrets out of text where evidence is made, so that nothing after it has to: not Slack, not a log, not Redis,
 * not a recording. What a diagnosis needs stays readable: hosts, images, digests, status codes, scopes, error words.
 */

const MARK = '[redacted]';

/** Query parameters whose value is a secret or signs one (S3, GCS, Azure, CloudFront, Cloudflare, OAuth). */
const SECRET_PARAMETERS =
  'x-amz-[a-z-]{1,40}|x-goog-[a-z-]{1,40}|signature|sig|verify|policy|key-pair-id|googleaccessid|awsaccesskeyid|p4|token|access_token|refresh_token|id_token|identity_token|client_secret|password|passwd|secret|key|api_?key|assertion|code|auth|credential';

/** Names under which JSON, YAML, command lines and logs carry a secret. */
const SECRET_NAMES =
  'auth|identity_?token|registry_?token|access_?token|refresh_?token|id_?token|session_?token|password|passwd|client_?secret|secret_?access_?key|account_?key|shared_?access_?(?:key|signature)|api_?key|private_?key|docker-password';

interface Rule {
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** Applied in order; every repetition is bounded, and no replacement matches a later pattern anew. */
const RULES: readonly Rule[] = [
  // -----BEGIN … PRIVATE KEY-----, with real or escaped line breaks; a cut-off block goes to its end.
  { pattern: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,16384}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g, replacement: MARK },
  // https://user:password@host and https://token@host
  { pattern: /(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"'<>?#]{1,4096}@/gi, replacement: `$1${MARK}@` },
  // Authorization: Basic dXNlcjpwYXNz, X-Registry-Auth: eyJ…, Cookie: a=b
  {
    pattern:
      /\b((?:proxy-)?authorization|x-registry-auth|x-registry-config|x-auth-token|x-vault-token|(?:set-)?cookie)(["']?\s{0,3}[:=]\s{0,3}\[?["']?)(?!\[redacted\])(?:(?:basic|bearer|token)\s{1,3}|(?=[^\s"',\]]{0,200}[0-9=+/]))[^\s"',\]]{3,8192}/gi,
    replacement: `$1$2${MARK}`,
  },
  // Bearer and Basic followed by something that is no English word: it has a digit, a sign or capitals inside.
  {
    pattern: /\b(bearer|basic)(\s{1,3}["']?)(?=[A-Za-z0-9+/_.~-]{0,200}(?:[0-9+/_=]|[a-z][A-Z]))[A-Za-z0-9+/_.~-]{8,8192}={0,2}/gi,
    replacement: `$1$2${MARK}`,
  },
  // "auth": "…" in JSON, escaped JSON and YAML; password=… in URLs' bodies, logs and command lines.
  {
    pattern: new RegExp(
      `(\\\\{0,4}["'](?:${SECRET_NAMES}|token|secret|p)\\\\{0,4}["']\\s{0,4}[:=]\\s{0,4}\\\\{0,4}["'])(?!\\[redacted\\])[^"'\\\\]{1,16384}`,
      'gi',
    ),
    replacement: `$1${MARK}`,
  },
  {
    pattern: new RegExp(`(^|[\\s,;{(&?])((?:--?)?(?:${SECRET_NAMES})\\s{0,2}=\\s{0,2}["']?)(?!\\[redacted\\])[^\\s"',;&)}]{1,8192}`, 'gi'),
    replacement: `$1$2${MARK}`,
  },
  {
    pattern:
      /(^|\s)(--(?:docker-)?password|--token|--client-secret|--password-stdin=|-p)([\s=]["']?)(?!\[redacted\])[^\s"'-][^\s"']{0,8191}/gi,
    replacement: `$1$2$3${MARK}`,
  },
  // password: x, token: eyJ… of YAML; an error sentence after "token:" has spaces, a secret has not.
  {
    pattern: new RegExp(`(^|[\\s,{])((?:${SECRET_NAMES}):\\s{1,4})(?!\\[redacted\\])([^\\s"',}]{6,8192})(?=$|[,}\\n"'])`, 'gi'),
    replacement: `$1$2${MARK}`,
  },
  {
    pattern: /(^|[\s,{])(token:\s{1,4})(?!\[redacted\])(?=\S{0,200}[0-9])([^\s"',}:]{12,8192})(?=$|[\s,}"'])/gi,
    replacement: `$1$2${MARK}`,
  },
  // ?X-Amz-Signature=…&token=…: the name stays, the value goes.
  {
    pattern: new RegExp(`([?&;](?:${SECRET_PARAMETERS})=)(?!\\[redacted\\])(?:[^\\s&"'<>\\]):]|:(?!\\s)){1,8192}`, 'gi'),
    replacement: `$1${MARK}`,
  },
  // JSON web tokens, whole or cut.
  { pattern: /\beyJ[A-Za-z0-9_-]{8,8192}(?:\.[A-Za-z0-9_-]{1,16384}){0,4}={0,2}/g, replacement: MARK },
  // Key shapes of clouds, registries and chats.
  {
    pattern:
      /\b(?:(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,28}|gh[opusr]_[A-Za-z0-9]{16,255}|github_pat_[A-Za-z0-9_]{16,255}|gl(?:pat|dt|cbt|ptt|rt)-[A-Za-z0-9_-]{16,255}|xox[abeprs]-[A-Za-z0-9-]{8,255}|xapp-[A-Za-z0-9-]{8,255}|dckr_[po]at_[A-Za-z0-9_-]{16,255}|npm_[A-Za-z0-9]{16,255}|hv[sb]\.[A-Za-z0-9_-]{16,255}|ya29\.[A-Za-z0-9_-]{8,2048}|AIza[A-Za-z0-9_-]{24,64}|sk-[A-Za-z0-9_-]{24,255})/g,
    replacement: MARK,
  },
  // Azure storage keys in connection strings end in ==, so the rules above may have left the sign.
  { pattern: /\[redacted\]={1,2}/g, replacement: MARK },
];

/** Replaces every secret in a text by `[redacted]`. Never throws; linear in the length; doing it twice changes nothing more. */
export function redact(text: string): string {
  let redacted = text;
  for (const rule of RULES) redacted = redacted.replace(rule.pattern, rule.replacement);
  return redacted;
}

const SECRET_KEY = new RegExp(`^(?:${SECRET_NAMES}|token|secret|\\.dockerconfigjson|\\.dockercfg|authorization)$`, 'i');

/** Redacts every string inside a JSON-like value, and all that stands under a key such as `auth` or `.dockerconfigjson`. */
export function redactDeep<T>(value: T): T {
  return mapStrings(value, (text, key) => (SECRET_KEY.test(key) ? MARK : redact(text)));
}
