/** One challenge of a WWW-Authenticate header. Scheme and parameter names are in lower case. */
export interface AuthChallenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const MAX_HEADER_LENGTH = 16_384;
/** tchar of RFC 9110, section 5.6.2. */
const TOKEN_CHARACTER = /[A-Za-z0-9!#$%&'*+.^_`|~-]/;
/** token68 of RFC 9110, section 11.2; it may not be told from a token by its first characters. */
const TOKEN68 = /[A-Za-z0-9._~+/-]{1,16384}={0,128}/y;

/**
 * Reads a WWW-Authenticate header (RFC 9110, sections 11.2 and 11.6.1): several challenges in one header, quoted values with
 * commas and escapes, odd spacing. What cannot be read is skipped up to the next comma; never throws.
 */
export function parseChallenges(header: string): readonly AuthChallenge[] {
  const text = header.slice(0, MAX_HEADER_LENGTH);
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;

  const skip = (pattern: RegExp) => {
    while (at < text.length && pattern.test(text[at] ?? '')) at += 1;
  };
  const token = () => {
    const start = at;
    skip(TOKEN_CHARACTER);
    return text.slice(start, at);
  };
  const quoted = () => {
    let value = '';
    at += 1;
    while (at < text.length && text[at] !== '"') {
      if (text[at] === '\\') at += 1;
      value += text[at] ?? '';
      at += 1;
    }
    at += 1;
    return value;
  };

  while (at < text.length) {
    skip(/[\s,]/);
    const start = at;
    const name = token();
    if (name === '') {
      // Nothing that may stand here: on to what follows the next comma.
      while (at < text.length && text[at] !== ',') at += 1;
      continue;
    }
    const end = at;
    skip(/[ \t]/);
    const current = challenges.at(-1);
    if (text[at] === '=' && current && !isToken68Ahead(text, start, current)) {
      at += 1;
      skip(/[ \t]/);
      const value = text[at] === '"' ? quoted() : token();
      // The first value of a parameter stands; a second one is not allowed.
      if (!Object.hasOwn(current.parameters, name.toLowerCase())) current.parameters[name.toLowerCase()] = value;
    } else if (at === end && text[at] !== ',' && at < text.length) {
      while (at < text.length && text[at] !== ',') at += 1;
    } else {
      challenges.push({ scheme: name.toLowerCase(), parameters: {} });
      TOKEN68.lastIndex = at;
      const match = TOKEN68.exec(text);
      const after = match ? text.slice(TOKEN68.lastIndex).trimStart() : '';
      // A token68 is all there is up to the next comma; anything else is the name of the first parameter.
      if (match && (after === '' || after.startsWith(',')) && !isParameter(match[0])) at = TOKEN68.lastIndex;
    }
  }
  return challenges;
}

/** `a=b` is a parameter; `abc==` is a token68. */
function isParameter(text: string): boolean {
  return /^[^=]+=[^=]/.test(text);
}

function isToken68Ahead(text: string, start: number, current: AuthChallenge): boolean {
  TOKEN68.lastIndex = start;
  const match = TOKEN68.exec(text);
  return Object.keys(current.parameters).length === 0 && match !== null && match[0].endsWith('==') && /^\s*(?:,|$)/.test(text.slice(TOKEN68.lastIndex));
}

/** The first challenge of a scheme. */
export function challengeOf(challenges: readonly AuthChallenge[], scheme: 'basic' | 'bearer'): AuthChallenge | undefined {
  return challenges.find((challenge) => challenge.scheme === scheme);
}
