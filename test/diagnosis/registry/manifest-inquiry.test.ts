import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, type Inquiry, nextQuestion, type Question } from '../../../src/diagnosis/registry/manifest-inquiry.ts';
import { inquiryObstacle, registryFindings } from '../../../src/diagnosis/registry/registry-findings.ts';
import { type Account, ANONYMOUS } from '../../../src/facts/credential.ts';
import { parseImageReference } from '../../../src/facts/image-reference.ts';
import type { ManifestAnswer } from '../../../src/facts/registry-answer.ts';
import { SecretText } from '../../../src/facts/secret-text.ts';

const parsed = parseImageReference('registry.example/shop/web:1.0');
if (parsed.status === 'invalid') throw new Error(parsed.because);
const { reference } = parsed;
const login = (name: string): Account => ({ name, credential: { kind: 'basic', username: name, password: new SecretText('x') } });
const start = (given: Partial<Inquiry> = {}): Inquiry => ({
  reference,
  accounts: [],
  platform: { os: 'linux', architecture: 'amd64' },
  blobs: [`sha256:${'b'.repeat(64)}`],
  getIsMetered: false,
  wantsContent: false,
  greeted: 1,
  demandKnown: true,
  nodeAddresses: [],
  asked: [],
  ...given,
});

/** Asks to the end; `cost` and `answer` play the registry. */
function play(inquiry: Inquiry, answer: (question: Question, nth: number) => Asked['answer']): Inquiry {
  let current = inquiry;
  for (let nth = 0; nth < 20; nth++) {
    const question = nextQuestion(current);
    if (!question) return current;
    current = { ...current, asked: [...current.asked, { question, answer: answer(question, nth) } as Asked] };
  }
  throw new Error('it never ends');
}
const spent = ({ greeted, asked }: Inquiry) => asked.reduce((sum, { answer }) => sum + answer.requests, greeted);

describe('an inquiry', () => {
  const statuses: readonly Partial<ManifestAnswer>[] = [
    { status: 'unauthorized', by: 'registry' },
    { status: 'forbidden', by: 'registry', hidesMissing: false },
    { status: 'missing', what: 'unknown' },
    { status: 'missing', what: 'tag' },
    { status: 'failing', httpStatus: 405, by: 'registry' },
    { status: 'unusable', because: 'x' },
    { status: 'found', content: { kind: 'opaque' } },
    { status: 'found', content: { kind: 'image', bytes: 1, layers: 1, digests: [`sha256:${'b'.repeat(64)}`], configType: 'x' } },
    { status: 'found', content: { kind: 'index', members: [{ digest: 'sha256:x', platform: { os: 'linux', architecture: 'amd64' } }] } },
  ];

  it('ends within six requests, whatever the registry answers and whatever a first question costs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...statuses), fc.integer({ min: 1, max: 3 })), { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 0, max: 3 }),
        fc.boolean(),
        fc.boolean(),
        (script, logins, demandKnown, getIsMetered) => {
          const known = new Set<Account>();
          const end = play(
            start({ accounts: Array.from({ length: logins }, (_, n) => login(`l${n}`)), demandKnown, getIsMetered }),
            (question, nth) => {
              const [bare, wished] = script[nth] ?? [statuses[0], 1];
              // A token costs one request more; learning that one is demanded another, unless the greeting told.
              const most = known.has(question.account) ? 1 : demandKnown || question.account === ANONYMOUS ? 2 : 3;
              known.add(question.account);
              return { requests: Math.min(wished, most), milliseconds: 1, ...bare } as Asked['answer'];
            },
          );
          expect(spent(end)).toBeLessThanOrEqual(6);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('that could not try every login proves nothing about the others, and says so', () => {
    const inquiry = play(start({ accounts: [login('the first'), login('the second')] }), (question) =>
      question.account === ANONYMOUS
        ? ({ status: 'unauthorized', by: 'registry', requests: 2, milliseconds: 1 } as const)
        : ({ status: 'forbidden', by: 'registry', hidesMissing: false, requests: 2, milliseconds: 1 } as const),
    );
    expect(spent(inquiry)).toBe(5);
    expect(registryFindings(inquiry, 'app', new Date(0)).map(({ code }) => code)).toEqual([]);
    expect(inquiryObstacle(inquiry)).toBe('Of 2 logins that the kubelet would send to registry.example, 1 was tried.');
  });

  it('goes on with a login where nobody gets a usable answer', () => {
    const inquiry = play(start({ accounts: [login('the first')] }), (question) =>
      question.account === ANONYMOUS
        ? ({ status: 'unusable', because: 'a web page came back', requests: 1, milliseconds: 1 } as const)
        : ({ status: 'found', content: { kind: 'opaque' }, requests: 1, milliseconds: 1 } as const),
    );
    expect(registryFindings(inquiry, 'app', new Date(0)).map(({ code }) => code)).toEqual(['registry/exists', 'registry/credential-works']);
  });
});
