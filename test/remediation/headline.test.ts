import { describe, expect, it } from 'vitest';
import type { Finding, FindingCode, ProvenNames } from '../../src/diagnosis/finding.ts';
import { targetOf } from '../../src/diagnosis/pod/pod.ts';
import type { Confidence } from '../../src/diagnosis/verdict.ts';
import { headlineOf, type Wording } from '../../src/remediation/headline.ts';
import { placeholderValues } from '../../src/remediation/placeholders.ts';
import { podObject } from '../support/objects.ts';
import { catalogue } from '../support/rules.ts';

const finding = (code: FindingCode, names?: ProvenNames): Finding => ({
  code,
  says: `${code} was found.`,
  evidence: [],
  ...(names ? { names } : {}),
});
function valuesFor(image: string) {
  const target = targetOf(podObject({ image }), { cluster: 'test' });
  const [first] = target.images;
  if (!first) throw new Error('a pod has an image');
  return placeholderValues(target, first, {});
}
const said = (cause: Wording | undefined, confidence: Confidence, findings: readonly Finding[], image = 'registry.example/shop/web:1.27') =>
  headlineOf(cause, catalogue.undetermined, { confidence, findings, values: valuesFor(image) });
const titleOf = (id: string, confidence: Confidence, findings: readonly Finding[], image?: string) => {
  const cause = catalogue.causes.find((candidate) => candidate.id === id);
  if (!cause) throw new Error(`no cause ${id}`);
  return said(cause, confidence, findings, image).title;
};

describe('a headline', () => {
  const wording: Wording = {
    title: 'A secret of {image} is bad',
    titles: [
      { when: ['secret/expired', 'secret/matches'], title: '{secret} expired {expired}' },
      { when: ['secret/no-login'], confidence: 'possible', title: '{secret} holds no login', means: 'It is {image}.' },
    ],
    means: 'Some words.',
  };

  it('is the first one whose findings are there and whose names they prove', () => {
    const names = { secret: 'regcred', expired: 'on 2 Feb' };
    expect(said(wording, 'likely', [finding('secret/expired', names), finding('secret/matches')]).title).toBe('regcred expired on 2 Feb');
    expect(said(wording, 'likely', [finding('secret/expired', names)]).title).toMatch(/^A secret of /);
    expect(said(wording, 'likely', [finding('secret/expired', { secret: 'regcred' }), finding('secret/matches')]).title).toMatch(
      /^A secret of /,
    );
  });

  it('names nothing on which its findings disagree, nor what some other finding names', () => {
    const two = [finding('secret/expired', { secret: 'a', expired: 'on 2 Feb' }), finding('secret/matches', { secret: 'b' })];
    expect(said(wording, 'likely', two).title).toMatch(/^A secret of /);
    const elsewhere = [
      finding('secret/expired', { expired: 'on 2 Feb' }),
      finding('secret/matches'),
      finding('secret/not-found', { secret: 'b' }),
    ];
    expect(said(wording, 'likely', elsewhere).title).toMatch(/^A secret of /);
  });

  it('may belong to one confidence, and bring its own meaning', () => {
    const found = [finding('secret/no-login', { secret: 'regcred' })];
    expect(said(wording, 'possible', found)).toEqual({ title: 'regcred holds no login', means: 'It is registry.example/shop/web:1.27.' });
    expect(said(wording, 'likely', found)).toEqual({ title: 'A secret of registry.example/shop/web:1.27 is bad', means: 'Some words.' });
  });

  it('says that it is unsure where the cause is merely possible, and claims no cause where there is none', () => {
    expect(said(wording, 'possible', []).title).toBe('Perhaps: A secret of registry.example/shop/web:1.27 is bad');
    expect(said(undefined, 'possible', []).title).toBe('registry.example/shop/web:1.27 cannot be pulled, and the cause is not clear yet');
  });

  it('takes a name that looks like a placeholder for a name', () => {
    const found = [finding('secret/no-login', { secret: '{image}' })];
    expect(said(wording, 'possible', found).title).toBe('{image} holds no login');
  });
});

describe('the headlines of causes.yaml', () => {
  it.each<[string, Confidence, readonly Finding[], string]>([
    [
      'credentials-rejected',
      'confirmed',
      [finding('secret/expired', { secret: 'regcred', expired: 'on 2 Feb' })],
      'The token in regcred expired on 2 Feb',
    ],
    ['credentials-rejected', 'confirmed', [], 'registry.example rejects the credentials of the pull secret'],
    [
      'tls-expired',
      'likely',
      [finding('endpoint/tls-expired', { expired: 'on 28 Feb' })],
      'The certificate of registry.example expired on 28 Feb',
    ],
    [
      'tls-expired',
      'likely',
      [finding('pull-error/tls-expired', { expired: 'on 28 Feb' })],
      'The certificate of registry.example expired on 28 Feb',
    ],
    ['tls-expired', 'likely', [finding('endpoint/tls-expired')], 'The certificate of registry.example is out of date'],
    [
      'secret-not-found',
      'likely',
      [finding('secret/not-found', { secret: 'regcred' })],
      'The pull secret regcred does not exist in namespace shop',
    ],
    [
      'secret-not-found',
      'likely',
      [finding('pod/pull-secret-not-retrieved', { secret: 'regcred' })],
      'The kubelet cannot read the pull secret regcred',
    ],
    ['tag-not-found', 'confirmed', [finding('registry/tag-missing')], 'registry.example has no tag 1.27 of shop/web'],
    [
      'tag-not-found',
      'possible',
      [finding('pull-error/tag-not-found')],
      'registry.example does not have shop/web:1.27: the tag or the whole repository is missing',
    ],
    [
      'tag-not-found',
      'possible',
      [finding('pull-error/tag-not-found'), finding('registry/exists')],
      'registry.example/shop/web:1.27 is there now; the kubelet did not find it when it last tried',
    ],
    [
      'registry-unavailable',
      'possible',
      [finding('pull-error/registry-unavailable'), finding('registry/exists')],
      'registry.example answers again; the kubelet got a server error when it last tried',
    ],
    [
      'invalid-reference',
      'confirmed',
      [finding('pod/reference-invalid', { flaw: 'it is empty' })],
      '"registry.example/shop/web:1.27" is not a valid image name: it is empty',
    ],
    [
      'serialized-pull-stall',
      'confirmed',
      [finding('kubelet/serialized-stall', { blocker: 'shop/model-0', pullingFor: '9 min' })],
      'Pulls on node-1 wait behind shop/model-0, which has been pulling for 9 min',
    ],
  ])('say the thing itself: %s, %s', (id, confidence, findings, title) => {
    expect(titleOf(id, confidence, findings)).toBe(title);
  });

  it('name the part of the reference that is missing', () => {
    const missing = [finding('registry/tag-missing')];
    expect(titleOf('tag-not-found', 'confirmed', missing, 'nginx')).toBe('docker.io has no tag latest of library/nginx');
    expect(titleOf('tag-not-found', 'confirmed', missing, `registry.example/web@sha256:${'a'.repeat(64)}`)).toBe(
      'registry.example has no digest sha256:aaaaaaaaaaaaaa... of web',
    );
  });
});
