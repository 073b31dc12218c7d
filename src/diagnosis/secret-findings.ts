import type { Evidence, Finding } from './finding.ts';
import type { KeyringAnswer, KeyringMatch } from './keyring.ts';
import type { PullSecret } from './pull-secret.ts';
import { redact } from './redaction.ts';
import { list, shortened } from './wording.ts';

/** More keys than this are not explained one by one. */
const MOST_KEYS = 5;

/** What is wrong with the secrets themselves, whichever image is pulled. */
export function secretFindings(
  given: { readonly secrets: readonly PullSecret[]; readonly missing: readonly string[]; readonly namespace: string },
  now: Date,
): readonly Finding[] {
  const absent = given.missing.map((name) =>
    finding(
      'secret/not-found',
      `The pod names the pull secret ${name}, and namespace ${given.namespace} has none of that name. Secrets do not cross namespaces.`,
      now,
      `secrets "${name}" not found in namespace ${given.namespace}`,
    ),
  );
  return [...absent, ...given.secrets.flatMap((secret) => contentFindings(secret, now))];
}

function contentFindings(secret: PullSecret, now: Date): readonly Finding[] {
  switch (secret.status) {
    case 'ignored':
      return [
        finding(
          'secret/wrong-type',
          `The kubelet skips the pull secret ${secret.name} without a word: ${secret.because}. It reads kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg only.`,
          now,
          `${secret.name}: type ${secret.type}`,
        ),
      ];
    case 'malformed':
      return [
        finding(
          'secret/malformed',
          `The pull secret ${secret.name} cannot be read: ${secret.because}. That fails the kubelet's lookup of every login of this pod.`,
          now,
          `${secret.name}: ${secret.because}`,
        ),
      ];
    case 'readable': {
      if (secret.entries.some((entry) => entry.hasLogin)) return [];
      const what = secret.entries.length === 0 ? 'no entry' : `no user name and password for ${keyList(secret.entries)}`;
      return [
        finding(
          'secret/no-login',
          `The pull secret ${secret.name} is well formed and holds no login: it has ${what}.`,
          now,
          `${secret.name}: ${what}`,
        ),
      ];
    }
    default:
      return secret satisfies never;
  }
}

/** What the kubelet would send for one image, and why not the rest. */
export function matchFindings(container: string, image: string, answer: KeyringAnswer, now: Date): readonly Finding[] {
  const logins = answer.matches.filter((match) => match.hasLogin);
  const found: Finding[] = [];
  if (logins.length > 0) {
    const order = logins.length > 1 ? ' The kubelet tries them in this order and makes no attempt without a login.' : '';
    found.push({
      ...finding(
        'secret/matches',
        `For ${image} the kubelet sends ${list(logins.map(loginWords))}.${order}`,
        now,
        logins.map((match) => `${match.secret}: key ${match.key} matches`).join('; '),
      ),
      container,
    });
  }
  for (const match of logins) {
    if (match.expiresAt === undefined || Date.parse(match.expiresAt) > now.getTime()) continue;
    const says = `The token in ${loginWords(match)} ended at ${match.expiresAt}.`;
    found.push({ ...finding('secret/expired', says, now, `${match.secret}: key ${match.key} expired ${match.expiresAt}`), container });
  }
  if (answer.matches.length === 0 && answer.misses.length > 0) {
    const shown = answer.misses.slice(0, MOST_KEYS).map(({ secret, key, because }) => `"${shortened(key)}" in ${secret}: ${because}`);
    const rest = answer.misses.length > MOST_KEYS ? `; and ${answer.misses.length - MOST_KEYS} more` : '';
    found.push({
      ...finding(
        'secret/host-mismatch',
        `No key of the pull secrets matches ${image}, so the kubelet sends no login. ${shown.join('; ')}${rest}.`,
        now,
        `keys: ${keyList(answer.misses)}`,
      ),
      container,
    });
  }
  return found;
}

/** The service account names secrets that the pod did not get when it was made. */
export function addedLaterFinding(
  given: {
    readonly container: string;
    readonly image: string;
    readonly serviceAccount: string;
    readonly names: readonly string[];
    readonly match: KeyringMatch | undefined;
  },
  now: Date,
): Finding {
  const { serviceAccount, names, match } = given;
  const secrets = `${names.length === 1 ? 'the pull secret' : 'the pull secrets'} ${list([...names])}`;
  const use = match ? `, which has a login for ${given.image}` : '';
  return {
    code: 'secret/added-to-service-account-later',
    says: `Service account ${serviceAccount} names ${secrets}${use}; this pod does not have it. A pod gets its account's secrets when it is created, and never later.`,
    container: given.container,
    evidence: [evidence('service-account', `${serviceAccount}: imagePullSecrets ${list([...names], 10)}`, now)],
  };
}

/** The account has nothing to give either. */
export function noneOnAccountFinding(serviceAccount: string, now: Date): Finding {
  return {
    code: 'secret/none-on-service-account',
    says: `Service account ${serviceAccount} names no pull secret either.`,
    evidence: [evidence('service-account', `${serviceAccount}: imagePullSecrets none`, now)],
  };
}

function loginWords(match: KeyringMatch): string {
  return `the login of ${match.username === '' ? 'nobody' : match.username} in secret ${match.secret}, key "${shortened(match.key)}"`;
}

function keyList(entries: readonly { readonly key: string }[]): string {
  return list(
    entries.map(({ key }) => shortened(key)),
    MOST_KEYS,
  );
}

function finding(code: Finding['code'], says: string, now: Date, text: string): Finding {
  // Keys and user names are people's free text; a token pasted there is still a token.
  return { code, says: redact(says), evidence: [evidence('pull-secret', text, now)] };
}

function evidence(source: Evidence['source'], text: string, now: Date): Evidence {
  return { source, vantage: 'api-server', observedAt: now.toISOString(), text: redact(text) };
}
