import type { Attempt } from './access/attempt.ts';
import { qualified, type Resource } from './resources.ts';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterS?: number;
}

interface Refusal {
  readonly code: number;
  readonly reason?: string;
  readonly message: string;
  readonly details?: object;
  readonly metadata?: object;
}

/** A Status that refuses, as the API server prints it. */
export function refusalStatus({ code, reason, message, details, metadata = {} }: Refusal): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata,
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

function refusal(given: Refusal): Answer {
  return { status: given.code, body: refusalStatus(given) };
}

function detailsOf({ group, name: kind }: Pick<Resource, 'group' | 'name'>, name?: string): object {
  return { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind };
}

export function badRequest(message: string): Answer {
  return refusal({ code: 400, reason: 'BadRequest', message });
}

export function unauthorized(): Answer {
  return refusal({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

/** Who may not do what, in the words of RBAC. */
export function forbidden(user: string, { verb, group, resource, subresource, namespace, name }: Attempt, because?: string): Answer {
  const what = `${qualified({ name: resource, group })} ${name === undefined ? '' : `"${name}" `}is forbidden`;
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const message = `${what}: User "${user}" cannot ${verb} resource "${whole}" in API group "${group}" ${where}`;
  const details = detailsOf({ name: resource, group }, name);
  return refusal({ code: 403, reason: 'Forbidden', message: because === undefined ? message : `${message}: ${because}`, details });
}

export function notFound(resource: Resource, name: string): Answer {
  return refusal({
    code: 404,
    reason: 'NotFound',
    message: `${qualified(resource)} "${name}" not found`,
    details: detailsOf(resource, name),
  });
}

/** A path of a group that is served, for a kind that is not. */
export function noResource(): Answer {
  return refusal({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });
}

export function methodNotAllowed(): Answer {
  const message = 'the server does not allow this method on the requested resource';
  return refusal({ code: 405, reason: 'MethodNotAllowed', message, details: {} });
}

export function alreadyExists(resource: Resource, name: string): Answer {
  const message = `${qualified(resource)} "${name}" already exists`;
  return refusal({ code: 409, reason: 'AlreadyExists', message, details: detailsOf(resource, name) });
}

export function conflict(resource: Resource, name: string, because: string): Answer {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${because}`;
  return refusal({ code: 409, reason: 'Conflict', message, details: detailsOf(resource, name) });
}

/** `metadata` holds the token with which a list can be gone on with, where there is one. */
export function expired(message: string, metadata: object = {}): Answer {
  return refusal({ code: 410, reason: 'Expired', message, metadata });
}

export function bodyTooLarge(limit: number): Answer {
  return refusal({ code: 413, reason: 'RequestEntityTooLarge', message: `Request entity too large: limit is ${limit}` });
}

/** What a webhook does not want, as it says it; without a code of a refusal it is a bad request. */
export function deniedByWebhook(
  webhook: string,
  { message, reason, code = 400 }: { readonly message?: string; readonly reason?: string; readonly code?: number },
): Answer {
  const said = message ?? reason;
  const denied = `admission webhook "${webhook}" denied the request${said === undefined ? ' without explanation' : `: ${said}`}`;
  return refusal({ code: code < 400 ? 400 : code, message: denied, ...(reason === undefined ? {} : { reason }) });
}

/** What is wrong with a field of an object. */
export interface WrongField {
  readonly field: string;
  /** Begins with one of the kinds of `CAUSES`. */
  readonly because: string;
}

const CAUSES = {
  'Invalid value': 'FieldValueInvalid',
  Forbidden: 'FieldValueForbidden',
  'Required value': 'FieldValueRequired',
  'Unsupported value': 'FieldValueNotSupported',
} as const;

/** `called` is a kind with its group: `Pod`, `Deployment.apps`. */
export function invalid({ called, name, field, because }: WrongField & { readonly called: string; readonly name: string }): Answer {
  const [kind, ...group] = called.split('.');
  const reason = Object.entries(CAUSES).find(([said]) => because.startsWith(said))?.[1];
  const details = {
    ...(name === '' ? {} : { name }),
    ...(group.length === 0 ? {} : { group: group.join('.') }),
    ...(kind === '' ? {} : { kind }),
    causes: [{ ...(reason === undefined ? {} : { reason }), message: because, field }],
  };
  return refusal({ code: 422, reason: 'Invalid', message: `${called} "${name}" is invalid: ${field}: ${because}`, details });
}

/** What cannot be done with an object as it is, where the API server says no more. */
export function notProcessable(): Answer {
  const message = 'the server rejected our request due to an error in our request';
  return refusal({ code: 422, reason: 'Invalid', message, details: {} });
}

/** A body in a form that is not read. */
export function unsupportedMediaType(): Answer {
  return refusal({ code: 415, reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type', details: {} });
}

/** A version of the future, in a list. */
export function tooLarge(version: number, current: number): Answer {
  const message = `Timeout: Too large resource version: ${version}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return refusal({ code: 504, reason: 'Timeout', message, details: { causes, retryAfterSeconds: 1 } });
}

/** What the API server has no reason for. */
export function serverError(message: string): Answer {
  return refusal({ code: 500, message });
}
