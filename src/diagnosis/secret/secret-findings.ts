import { redact } from '../../facts/redaction.ts';
import { list, shortened, whenWords } from '../../text/wording.ts';
import { observed } from '../evidence.ts';
import { type Finding, nameThatAllGive } from '../finding.ts';
import { DATA_KEYS } from './docker-config.ts';
import type { KeyringAnswer, KeyringMatch } from './keyring.ts';
import type { PullSecret } from './pull-secret.ts';

/** More keys than this are not explained one by one. */
const MAX_KEYS = 5;

/** What is wrong with the secrets themselves, whichever image is pulled. */
export function secretFindings(
  given: { readonly secrets: readonly PullSecret[]; readonly missing: readonly string[]; readonly namespace: string },
  now: Date,
): readonly Finding[] {
  const absent = given.missing.map((name) =>
    finding(
      {
        code: 'secret/not-found',
        secret: name,
        says: `The pod names the pull secret ${name}, and namespace ${given.namespace} has none of that name. Secrets do not cross namespaces.`,
        text: `secrets "${name}" not found in namespace ${given.namespace}`,
      },
      now,
    ),
  );
  return [...absent, ...given.secrets.flatMap((secret) => contentFindings(secret, now))];
}

function contentFindings(secret: PullSecret, now: Date): readonly Finding[] {
  switch (secret.status) {
    case 'ignored':
      return [
        finding(
          {
            code: 'secret/wrong-type',
            secret: secret.name,
            says: `The kubelet skips the pull secret ${secret.name} silently: ${secret.because}.${secret.type in DATA_KEYS ? '' : ` It reads ${list(Object.keys(DATA_KEYS))} only.`}`,
            text: `${secret.name}: type ${secret.type}`,
          },
          now,
        ),
      ];
    case 'malformed':
      return [
        finding(
          {
            code: 'secret/malformed',
            secret: secret.name,
            says: `The pull secret ${secret.name} cannot be read: ${secret.because}. That fails the kubelet's lookup of every login of this pod.`,
            text: `${secret.name}: ${secret.because}`,
          },
          now,
        ),
      ];
    case 'readable': {
      if (secret.entries.some((entry) => entry.hasLogin)) return [];
      const what = secret.entries.length === 0 ? 'no entry' : `no user name and password for ${keyList(secret.entries)}`;
      return [
        finding(
          {
            code: 'secret/no-login',
            secret: secret.name,
            says: `The pull secret ${secret.name} is well formed and holds no login: it has ${what}.`,
            text: `${secret.name}: ${what}`,
          },
          now,
        ),
      ];
    }
    case 'too-large':
      return [];
    default:
      return secret satisfies never;
  }
}

/**
 * What the kubelet would send for one image, and why not the rest. Where some secret could not be read nothing is said of
 * what is not sent.
 */
export function matchFindings(
  given: { readonly container: string; readonly image: string; readonly answer: KeyringAnswer; readonly complete: boolean },
  now: Date,
): readonly Finding[] {
  const { container, image, answer, complete } = given;
  const logins = answer.matches.filter((match) => match.hasLogin);
  const about: Saying = (code, secret, says, text) => ({ ...finding({ code, secret, says, text }, now), container });
  if (logins.length > 0) return [sentFinding(image, logins, about), ...expiredFindings(image, logins, now, about)];
  const empty = answer.matches[0];
  if (empty) {
    const says = `For ${image} the kubelet finds key "${empty.key}" in secret ${empty.secret}, which has no user name and password, so it sends no login.`;
    // A secret without any login has its own finding.
    const more = answer.misses.some((miss) => miss.secret === empty.secret);
    return complete && more
      ? [about('secret/no-login', empty.secret, says, `${empty.secret}: key ${empty.key} matches and holds no login`)]
      : [];
  }
  if (!complete || answer.misses.length === 0) return [];
  const shown = answer.misses.slice(0, MAX_KEYS).map(({ secret, key, because }) => `"${shortened(key)}" in ${secret}: ${because}`);
  const rest = answer.misses.length > MAX_KEYS ? `; and ${answer.misses.length - MAX_KEYS} more` : '';
  const says = `No key of the pull secrets matches ${image}, so the kubelet sends no login. ${shown.join('; ')}${rest}.`;
  return [about('secret/host-mismatch', theOnly(answer.misses), says, `keys: ${keyList(answer.misses)}`)];
}

type Saying = (code: Finding['code'], secret: string | undefined, says: string, text: string) => Finding;

function sentFinding(image: string, logins: readonly KeyringMatch[], about: Saying): Finding {
  const order = logins.length > 1 ? ' The kubelet tries them in this order and makes no anonymous attempt.' : '';
  return about(
    'secret/matches',
    theOnly(logins),
    `For ${image} the kubelet sends ${list(logins.map(loginWords), MAX_KEYS)}.${order}`,
    list(
      logins.map((match) => `${match.secret}: key ${match.key} matches`),
      MAX_KEYS,
    ),
  );
}

function expiredFindings(image: string, logins: readonly KeyringMatch[], now: Date, about: Saying): readonly Finding[] {
  const expired = logins.filter(({ expiresAt }) => expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime());
  const [first] = expired;
  if (!first) return [];
  const more = expired.length > 1 ? ` So did ${expired.length - 1} more of the tokens sent for ${image}.` : '';
  const text = list(
    expired.map((match) => `${match.secret}: key ${match.key} expired ${match.expiresAt}`),
    MAX_KEYS,
  );
  const whose = `${first.username === '' ? '' : `of ${first.username} `}in secret ${first.secret}, key "${shortened(first.key)}",`;
  const found = about('secret/expired', theOnly(expired), `The token ${whose} expired at ${first.expiresAt}.${more}`, text);
  return [{ ...found, names: { ...found.names, expired: whenWords(first.expiresAt ?? '', now) } }];
}

/** The service account names secrets, each with a login for the image, that the pod did not get when it was made. */
export function addedLaterFinding(
  given: { readonly container: string; readonly image: string; readonly serviceAccount: string; readonly names: readonly string[] },
  now: Date,
): Finding {
  const { serviceAccount, names, image, container } = given;
  const secrets = names.length === 1 ? `the pull secret ${names[0]}, which has` : `the pull secrets ${list(names, MAX_KEYS)}, which have`;
  return {
    code: 'secret/added-to-service-account-later',
    says: `Service account ${serviceAccount} names ${secrets} a login for ${image}; this pod does not have ${names.length === 1 ? 'it' : 'them'}. A pod gets its account's secrets when it is created, and never later.`,
    container,
    evidence: [
      observed('service-account', { from: 'api-server', at: now, text: `${serviceAccount}: imagePullSecrets ${list(names, 10)}` }),
    ],
  };
}

/** The account has nothing to give either. */
export function noneOnAccountFinding(serviceAccount: string, now: Date): Finding {
  return {
    code: 'secret/none-on-service-account',
    says: `Service account ${serviceAccount} names no pull secret either.`,
    evidence: [observed('service-account', { from: 'api-server', at: now, text: `${serviceAccount}: imagePullSecrets none` })],
  };
}

function loginWords(match: KeyringMatch): string {
  return `the login of ${match.username === '' ? 'nobody' : match.username} in secret ${match.secret}, key "${shortened(match.key)}"`;
}

/** The secret that all of these come from; undefined when they come from several. */
function theOnly(entries: readonly { readonly secret: string }[]): string | undefined {
  return nameThatAllGive(entries.map(({ secret }) => secret));
}

function keyList(entries: readonly { readonly key: string }[]): string {
  return list(
    entries.map(({ key }) => shortened(key)),
    MAX_KEYS,
  );
}

interface Seen {
  readonly code: Finding['code'];
  /** Absent where it is about several secrets, so that no fix picks one of them. */
  readonly secret: string | undefined;
  readonly says: string;
  readonly text: string;
}

function finding({ code, secret, says, text }: Seen, now: Date): Finding {
  // Keys and user names are people's free text; a token pasted there is still a token.
  return {
    code,
    says: redact(says),
    ...(secret === undefined ? {} : { names: { secret } }),
    evidence: [observed('pull-secret', { from: 'api-server', at: now, text })],
  };
}
