import { describe, expect, it } from 'vitest';
import type { RequestedRight } from '../../src/cluster/requested-right.ts';
import type { RightsHolder } from '../../src/cluster/sent-requests.ts';
import { EXECUTOR, type Need, PROVER, READER, type Right, rightWords, type Where } from '../../src/doctor/rights.ts';
import { BOT_NAMESPACE, NAMESPACE } from '../support/remedy-objects.ts';
import { readRequests } from '../support/requests/read.ts';

/** What the holders of roles need, by src/doctor/rights.ts. */
const NEEDS: Readonly<Record<RightsHolder, readonly Need[]>> = { reader: READER, prover: PROVER, executor: EXECUTOR };
const HOLDERS = ['reader', 'prover', 'executor'] as const;
/** The bot's own namespaces in tests; one of them makes the workload's its own. */
const OWN = [BOT_NAMESPACE, NAMESPACE];
/** Where tests run node tasks. */
const NODE_TASKS = 'imagepull-node';

const { sent, isWhole } = readRequests();
/** By their own rights: what is asked in the name of a person has to be theirs. */
const asked = sent.flatMap(({ holder, right, as }) => (holder === undefined || as !== undefined ? [] : [{ holder, right }]));

type ResourceRequest = RequestedRight & { readonly kind: 'resource' };

/** Rights that no role of the bot has to give. */
function isGivenElsewhere(right: RequestedRight, holder: RightsHolder): boolean {
  // Everybody may, by system:public-info-viewer.
  if (right.kind === 'path') return right.path === '/version';
  // Everybody may, by system:basic-user.
  if (['selfsubjectaccessreviews', 'selfsubjectreviews'].includes(right.resource)) return right.verb === 'create';
  // `kubelet: apiserver-proxy` is for people; who sets it for a service gives the right by themselves (docs/security.md).
  return holder === 'reader' && right.resource === 'nodes' && right.subresource === 'proxy';
}

/** Whether a right of a need is what a request has to have. */
function covers({ where }: Need, right: Right, request: ResourceRequest, holder: RightsHolder): boolean {
  const isSame = (['verb', 'group', 'resource', 'subresource'] as const).every((part) => right[part] === request[part]);
  return isSame && (right.name === undefined || right.name === request.name) && isThere(where, request, holder);
}

function isThere(where: Where, { resource, namespace }: ResourceRequest, holder: RightsHolder): boolean {
  // A namespace is in itself, and the role for it is of the cluster.
  const isWide = namespace === undefined || resource === 'namespaces';
  switch (where) {
    case 'cluster':
      return isWide;
    case 'namespaces':
      // A reader asks about all namespaces as well, and does without where it has roles in some.
      return isWide ? holder === 'reader' : namespace !== NODE_TASKS;
    case 'node-tasks':
      return namespace === NODE_TASKS;
    case 'default':
      return namespace === 'default';
    case 'own':
      return namespace !== undefined && OWN.includes(namespace);
    default:
      return where satisfies never;
  }
}

function isNeeded(right: RequestedRight, holder: RightsHolder): boolean {
  return right.kind === 'resource' && NEEDS[holder].some((need) => need.rights.some((one) => covers(need, one, right, holder)));
}

/** `executor: patch nodes in no namespace`. */
function words(right: RequestedRight, holder: RightsHolder): string {
  if (right.kind === 'path') return `${holder}: ${right.verb} ${right.path}`;
  const { verb, group, resource, subresource, namespace } = right;
  const what = rightWords({ verb, group, resource, ...(subresource === undefined ? {} : { subresource }) });
  return `${holder}: ${what} in ${namespace ?? 'no namespace'}`;
}

describe('what the tests before this one asked of API servers', () => {
  it('is no more than src/doctor/rights.ts says that the bot needs', () => {
    const unnamed = asked.filter(({ right, holder }) => !isGivenElsewhere(right, holder) && !isNeeded(right, holder));
    expect([...new Set(unnamed.map(({ right, holder }) => words(right, holder)))].sort()).toEqual([]);
  });

  it('was asked in the name of others by an executor alone', () => {
    expect(sent.filter(({ as, holder }) => as !== undefined && holder !== undefined && holder !== 'executor')).toEqual([]);
  });

  it.skipIf(!isWhole)('is all that src/doctor/rights.ts says that the bot needs', () => {
    const isAsked = (need: Need, right: Right, holder: RightsHolder) =>
      asked.some((one) => one.holder === holder && one.right.kind === 'resource' && covers(need, right, one.right, holder));
    const unused = HOLDERS.flatMap((holder) =>
      NEEDS[holder].flatMap((need) =>
        need.rights.filter((right) => !isAsked(need, right, holder)).map((right) => `${need.id}: ${rightWords(right)}`),
      ),
    );
    expect(unused).toEqual([]);
  });
});
