/** One challenge of a WWW-Authenticate header. Scheme and parameter names are in lower case. */
export interface AuthChallenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const MAX_HEADER_LENGTH = 16_384;

type Token = { readonly kind: 'word' | 'quoted'; readonly text: string } | { readonly kind: '=' | ',' };

/** One token: space, a mark, a quoted string (a cut one ends with the header), or anything else in a row. */
const TOKEN = /\s+|([=,])|"((?:[^"\\]|\\.)*)(?:"|\\?$)|([^\s=,"]+)/gs;

/**
 * Reads a WWW-Authenticate header (RFC 9110, sections 11.2 and 11.6.1): several challenges in one header, quoted values with
 * commas and escapes, odd spacing, token68. What cannot be read is left out; never throws.
 */
export function parseChallenges(header: string): readonly AuthChallenge[] {
  const tokens = tokenise(header.slice(0, MAX_HEADER_LENGTH));
  const challenges: { readonly scheme: string; readonly parameters: Record<string, string> }[] = [];
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at];
    if (token?.kind !== 'word') {
      at += 1;
    } else if (tokens[at + 1]?.kind === '=') {
      const value = textOf(tokens[at + 2]);
      const name = token.text.toLowerCase();
      const current = challenges.at(-1)?.parameters;
      // The first value of a parameter stands; a second one is not allowed.
      if (current && value !== undefined && !Object.hasOwn(current, name)) current[name] = value;
      at += value === undefined ? 2 : 3;
    } else {
      challenges.push({ scheme: token.text.toLowerCase(), parameters: Object.create(null) });
      at += isToken68(tokens, at + 1) ? 2 : 1;
    }
  }
  return challenges;
}

function tokenise(text: string): readonly Token[] {
  return [...text.matchAll(TOKEN)].flatMap(([, mark, quoted, word]): readonly Token[] => {
    if (mark === '=' || mark === ',') return [{ kind: mark }];
    if (quoted !== undefined) return [{ kind: 'quoted', text: quoted.replace(/\\(.)/gs, '$1') }];
    return word === undefined ? [] : [{ kind: 'word', text: word }];
  });
}

function textOf(token: Token | undefined): string | undefined {
  return token?.kind === 'word' || token?.kind === 'quoted' ? token.text : undefined;
}

/** `Negotiate YII==`: a word behind the scheme that names no parameter. */
function isToken68(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.kind === 'word' && (tokens[at + 1]?.kind !== '=' || textOf(tokens[at + 2]) === undefined);
}

/** The first challenge of a scheme. */
export function challengeOf(challenges: readonly AuthChallenge[], scheme: 'basic' | 'bearer'): AuthChallenge | undefined {
  return challenges.find((challenge) => challenge.scheme === scheme);
}
