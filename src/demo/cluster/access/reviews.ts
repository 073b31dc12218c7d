import { z } from 'zod';
import { type Answer, badRequest, invalid } from '../answers.ts';
import type { Person } from './account.ts';
import type { Attempt } from './attempt.ts';
import type { Rights } from './rights.ts';

/** A question about rights or names, which is answered and not kept. */
export interface Review {
  readonly kind: 'SubjectAccessReview' | 'SelfSubjectAccessReview' | 'SelfSubjectReview';
  readonly group: string;
  /** Its plural, as in paths. */
  readonly resource: string;
}

const REVIEWS: readonly Review[] = [
  { kind: 'SubjectAccessReview', group: 'authorization.k8s.io', resource: 'subjectaccessreviews' },
  { kind: 'SelfSubjectAccessReview', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' },
  { kind: 'SelfSubjectReview', group: 'authentication.k8s.io', resource: 'selfsubjectreviews' },
];

/** The review that a path asks for; undefined where it asks for none. */
export function reviewAt(path: string): Review | undefined {
  return REVIEWS.find(({ group, resource }) => path === `/apis/${group}/v1/${resource}`);
}

const Text = z.string().default('');
const Attributes = z.looseObject({ verb: Text, group: Text, resource: Text, subresource: Text, namespace: Text, name: Text });
const Asked = z.looseObject({
  kind: z.string().optional(),
  spec: z
    .looseObject({
      user: Text,
      groups: z.array(z.string()).nullish(),
      resourceAttributes: Attributes.nullish(),
      nonResourceAttributes: z.looseObject({}).nullish(),
    })
    .nullish(),
});

/** Answers a review that somebody may ask for. */
export function answerReview(
  rights: Rights,
  { kind, group }: Review,
  { caller, body }: { readonly caller: Person; readonly body: unknown },
): Answer {
  const asked = Asked.safeParse(body);
  if (!asked.success || (asked.data.kind ?? kind) !== kind)
    return badRequest(`the object provided is unrecognized (must be of type ${kind})`);
  const answered = (said: object): Answer => ({ status: 201, body: { kind, apiVersion: `${group}/v1`, metadata: {}, ...said } });
  if (kind === 'SelfSubjectReview') {
    const { user: username, uid, groups } = caller;
    // Seconds, as the API server tells when it has made something.
    const creationTimestamp = `${new Date().toISOString().slice(0, 19)}Z`;
    return answered({ metadata: { creationTimestamp }, status: { userInfo: { username, ...(uid === undefined ? {} : { uid }), groups } } });
  }
  const { resourceAttributes: attributes, nonResourceAttributes, user = '', groups } = asked.data.spec ?? {};
  const self = kind === 'SelfSubjectAccessReview';
  const wrong = (field: string, because: string) => invalid({ called: `.${group}`, name: '', field: `spec.${field}`, because });
  if (!attributes && !nonResourceAttributes) {
    const because = 'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return wrong('resourceAttributes', because);
  }
  if (attributes && nonResourceAttributes) {
    const because = `Invalid value: ${JSON.stringify(nonResourceAttributes)}: cannot be specified in combination with resourceAttributes`;
    return wrong('nonResourceAttributes', because);
  }
  if (!self && user === '' && !groups?.length) return wrong('user', 'Invalid value: "": at least one of user or group must be specified');
  const who = self ? caller : { user, groups: groups ?? [] };
  // Paths that are no resources are nobody's here.
  const allowed = attributes ? rights.allows(who, attemptOf(attributes)) : false;
  return answered({ spec: z.looseObject({ spec: z.unknown() }).parse(body).spec, status: { allowed } });
}

function attemptOf({ verb, group, resource, subresource, namespace, name }: z.infer<typeof Attributes>): Attempt {
  return {
    verb,
    group,
    resource,
    ...(subresource === '' ? {} : { subresource }),
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
  };
}
