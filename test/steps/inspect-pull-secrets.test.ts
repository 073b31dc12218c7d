import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.ts';
import { Secret, ServiceAccount } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { inspectPullSecrets } from '../../src/steps/inspect-pull-secrets.ts';
import { podObject } from '../support/objects.ts';
import { probeContext } from '../support/probe-context.ts';

const CANARY = 'canary-password';
const IMAGE = 'registry.example/shop/web:1';
const failing = { reason: 'ErrImagePull', message: `${IMAGE}: 401 Unauthorized` };
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

function secret(name: string, auths: Record<string, unknown>, type = 'kubernetes.io/dockerconfigjson'): Secret {
  return Secret.parse({
    metadata: { name, namespace: 'shop' },
    type,
    data: { '.dockerconfigjson': base64({ auths }), note: base64(CANARY) },
  });
}
const login = (extra: Record<string, unknown> = {}) => ({ username: 'robot', password: CANARY, email: `${CANARY}@x`, ...extra });
const account = (names: readonly string[], name = 'default') =>
  ServiceAccount.parse({ metadata: { name, namespace: 'shop' }, imagePullSecrets: names.map((secretName) => ({ name: secretName })) });

async function inspect(given: {
  pullSecrets?: readonly string[];
  secrets?: readonly Secret[];
  account?: ServiceAccount;
  pod?: Parameters<typeof podObject>[0];
}) {
  const pod = podObject({ image: IMAGE, waiting: failing, pullSecrets: given.pullSecrets ?? [], ...given.pod });
  const recording = { secrets: given.secrets ?? [], serviceAccounts: [given.account ?? account([])] };
  const result = await inspectPullSecrets(probeContext(pod, { recording }));
  expect(JSON.stringify(result)).not.toContain('canary');
  return result;
}
const codes = ({ findings }: { findings: readonly { code: string }[] }) => findings.map((finding) => finding.code);

describe('the pull secrets of a pod', () => {
  it('match with the login that the kubelet sends, and only its key and user are told', async () => {
    const { findings, shortfall } = await inspect({
      pullSecrets: ['regcred'],
      secrets: [secret('regcred', { 'registry.example': login() })],
    });
    expect(findings).toMatchObject([
      {
        code: 'secret/matches',
        container: 'app',
        says: `For ${IMAGE} the kubelet sends the login of robot in secret regcred, key "registry.example".`,
      },
    ]);
    expect(shortfall).toBeUndefined();
  });

  it('say which rule a key breaks where none matches', async () => {
    const { findings } = await inspect({
      pullSecrets: ['regcred'],
      secrets: [secret('regcred', { 'registry.example:5000': login(), 'other.example': login() })],
    });
    expect(findings).toMatchObject([
      {
        code: 'secret/host-mismatch',
        says: expect.stringMatching(
          /"registry\.example:5000" in regcred: the port differs: the key has 5000, the image none; "other\.example" in regcred: the host differs/,
        ),
      },
    ]);
  });

  it('may be missing, of the wrong type, malformed or empty', async () => {
    const broken = Secret.parse({
      metadata: { name: 'broken', namespace: 'shop' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': base64(CANARY) },
    });
    const result = await inspect({
      pullSecrets: ['gone', 'opaque', 'empty'],
      secrets: [
        secret('opaque', { 'registry.example': login() }, 'Opaque'),
        secret('empty', { 'registry.example': { identitytoken: CANARY } }),
      ],
    });
    expect(codes(result)).toEqual(['secret/not-found', 'secret/wrong-type', 'secret/no-login']);
    expect(result.findings[0]?.says).toContain('namespace shop has none of that name');
    expect(codes(await inspect({ pullSecrets: ['broken'], secrets: [broken] }))).toEqual(['secret/malformed']);
  });

  it('may hold a token that has ended', async () => {
    const token = `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ exp: 1_770_000_000, canary: CANARY })).toString('base64url')}.canary`;
    const result = await inspect({
      pullSecrets: ['regcred'],
      secrets: [secret('regcred', { 'registry.example': login({ password: token }) })],
    });
    expect(result.findings).toMatchObject([
      { code: 'secret/matches' },
      { code: 'secret/expired', says: expect.stringContaining('expired at 2026-02-02T02:40:00.000Z') },
    ]);
  });

  it('may have come to the service account after the pod was made', async () => {
    const regcred = secret('regcred', { 'registry.example': login() });
    expect(await inspect({ secrets: [regcred], account: account(['regcred']) })).toMatchObject({
      findings: [
        { code: 'secret/added-to-service-account-later', container: 'app', says: expect.stringContaining('which has a login for') },
      ],
    });
    // Recreating the pod would not help: the account's secret is for another registry, or the pod names its own.
    expect(codes(await inspect({ secrets: [secret('regcred', { 'other.example': login() })], account: account(['regcred']) }))).toEqual([]);
    expect(codes(await inspect({ pullSecrets: ['own'], secrets: [regcred, secret('own', {})], account: account(['regcred']) }))).toEqual([
      'secret/no-login',
    ]);
  });

  it('are none where neither pod nor account names any', async () => {
    expect(codes(await inspect({}))).toEqual(['secret/none-on-service-account']);
  });

  const answering = (given: { names: readonly string[]; readable?: readonly Secret[]; account?: ServiceAccount; refusal: CodedError }) => {
    const pod = podObject({ image: IMAGE, waiting: failing, pullSecrets: given.names });
    const context = probeContext(pod, { recording: { serviceAccounts: [given.account ?? account([])] } });
    const readSecret = async (_: string, name: string) => {
      const found = given.readable?.find((one) => one.metadata.name === name);
      return found ?? Promise.reject(given.refusal);
    };
    return inspectPullSecrets({ ...context, cluster: { ...context.cluster, readSecret } });
  };
  const forbidden = new CodedError('cluster/forbidden', 'secrets is forbidden\nThis rule would allow it');
  const busy = new CodedError('cluster/unavailable', 'too much to do', { retryable: true });
  const good = secret('good', { 'registry.example': login() });
  const wrong = secret('wrong', { 'other.example': login() });

  it('that may not be read are a shortfall with the rule, and nothing is claimed about them', async () => {
    expect(await answering({ names: ['regcred'], refusal: forbidden })).toEqual({
      findings: [],
      shortfall: 'secrets is forbidden\nThis rule would allow it',
    });
  });

  it('name all secrets that are refused alike, and the rule once', async () => {
    const pod = podObject({ image: IMAGE, waiting: failing, pullSecrets: ['one', 'two', 'three'] });
    const context = probeContext(pod, { recording: { serviceAccounts: [account([])] } });
    const refuse = async (_: string, name: string) => {
      throw new CodedError('cluster/forbidden', `secrets "${name}" is forbidden\nThis rule would allow it:\n  - apiGroups: [""]`);
    };
    const { shortfall } = await inspectPullSecrets({ ...context, cluster: { ...context.cluster, readSecret: refuse } });
    expect(shortfall).toBe(
      'secrets "one" is forbidden. The same goes for "two" and "three".\nThis rule would allow it:\n  - apiGroups: [""]',
    );
  });

  it.each([forbidden, busy])('tell what they can where one of them cannot be read: $code', async (refusal) => {
    const sent = await answering({ names: ['gone', 'good'], readable: [good], refusal });
    expect(sent).toMatchObject({ findings: [{ code: 'secret/matches' }], shortfall: refusal.message });
    // The one that could not be read may well match.
    expect(await answering({ names: ['gone', 'wrong'], readable: [wrong], refusal })).toEqual({ findings: [], shortfall: refusal.message });
  });

  it('of the account that cannot be read prove nothing, and that is said', async () => {
    const result = await answering({ names: [], account: account(['regcred']), refusal: forbidden });
    expect(result.findings).toEqual([]);
    expect(result.shortfall).toMatch(/^Service account default names regcred, which this pod does not have; .* is unknown\.\nsecrets is/);
  });

  it('fail the step when the cluster is gone', async () => {
    const pod = podObject({ image: IMAGE, waiting: failing, pullSecrets: ['regcred'] });
    const context = probeContext(pod, {});
    const gone = async () => Promise.reject(new CodedError('cluster/unreachable', 'gone'));
    await expect(inspectPullSecrets({ ...context, cluster: { ...context.cluster, readSecret: gone } })).rejects.toMatchObject({
      code: 'cluster/unreachable',
    });
  });

  it('are not read where that is not wanted, and the account is', async () => {
    const pod = podObject({ image: IMAGE, waiting: failing, pullSecrets: [] });
    const context = { ...probeContext(pod, { recording: { serviceAccounts: [account([])], secrets: [good] } }), mayReadSecrets: false };
    expect(codes(await inspectPullSecrets(context))).toEqual(['secret/none-on-service-account']);
    const named = podObject({ image: IMAGE, waiting: failing, pullSecrets: ['good'] });
    const unread = probeContext(named, { recording: { serviceAccounts: [account([])], secrets: [good] } });
    expect(await inspectPullSecrets({ ...unread, mayReadSecrets: false })).toEqual({
      findings: [],
      shortfall: 'The pull secrets good were not read, as was asked.',
    });
  });

  it('beside a malformed one are not blamed for their keys', async () => {
    const broken = Secret.parse({ ...good, metadata: { name: 'broken', namespace: 'shop' }, data: { '.dockerconfigjson': 'ew==' } });
    expect(codes(await inspect({ pullSecrets: ['good', 'broken'], secrets: [good, broken] }))).toEqual(['secret/malformed']);
  });

  it('may match with an entry that has no login, beside others that have', async () => {
    const result = await inspect({
      pullSecrets: ['regcred'],
      secrets: [secret('regcred', { 'registry.example': {}, 'other.example': login() })],
    });
    expect(result.findings).toMatchObject([
      { code: 'secret/no-login', container: 'app', says: expect.stringContaining('it sends no login') },
    ]);
  });

  it('of the account are named only where they have the login', async () => {
    const result = await inspect({ secrets: [good, wrong], account: account(['wrong', 'good']) });
    expect(result.findings).toMatchObject([{ says: expect.stringContaining('names the pull secret good, which has a login for') }]);
    expect(codes(await inspect({ secrets: [secret('empty', { 'registry.example': {} })], account: account(['empty']) }))).toEqual([]);
  });

  it('that are named twice are read once', async () => {
    expect(codes(await inspect({ pullSecrets: ['gone', 'gone'] }))).toEqual(['secret/not-found']);
  });

  it('with many keys are told in few words', async () => {
    const token = `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ exp: 1_770_000_000 })).toString('base64url')}.x`;
    const auths = Object.fromEntries(
      Array.from({ length: 1000 }, (_, n) => [`registry.example/?${n}`, login({ username: `u${n}`, password: token })]),
    );
    const result = await inspect({ pullSecrets: ['regcred'], secrets: [secret('regcred', auths)] });
    expect(codes(result)).toEqual(['secret/matches', 'secret/expired']);
    expect(JSON.stringify(result).length).toBeLessThan(4000);
  });

  it('are not told with a token that somebody used as user name or key', async () => {
    const key = `robot:${CANARY}@registry.example`;
    const result = await inspect({
      pullSecrets: ['regcred'],
      secrets: [secret('regcred', { [key]: login({ username: 'ghp_canary0123456789abcdef' }), 'other.example': login() })],
    });
    expect(codes(result)).toEqual(['secret/matches']);
  });

  it('are read up to ten', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `s${n}`);
    const result = await inspect({
      pullSecrets: names,
      secrets: names.map((name) => secret(name, { 'registry.example': login({ password: name }) })),
    });
    expect(result.shortfall).toBe('The pod names 12 pull secrets; only the first 10 were read.');
  });
});
