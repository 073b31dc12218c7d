import { z } from 'zod';
import { CodedError } from '../errors.ts';
import { redact } from '../facts/redaction.ts';
import { sentence } from '../text/wording.ts';
import { requestedRight } from './requested-right.ts';

const Status = z.object({ message: z.string().optional(), reason: z.string().optional() });

/** A refusal of the API server as an error that says what to do: which role rule is missing, or where to log in again. */
export function apiError(
  answer: { readonly status: number; readonly body: string },
  request: { readonly path: string; readonly server: string; readonly verb?: string | undefined },
): CodedError {
  const said = redact(statusMessage(answer.body));
  const refusal = request.verb === undefined ? undefined : writeRefusal(answer.status, said);
  if (refusal) return refusal;
  switch (answer.status) {
    case 401:
      return new CodedError(
        'cluster/unauthenticated',
        `The API server ${request.server} does not accept your credentials (401). The token or certificate has probably expired: log in again.`,
      );
    case 403:
      return new CodedError(
        'cluster/forbidden',
        isOfPolicy(said) ? said : `${said || 'The API server refuses this request (403).'}\n${allowingRule(request.path, request.verb)}`,
      );
    case 404:
      return new CodedError('cluster/not-found', said || `${request.path} does not exist.`);
    case 410:
      return new CodedError('cluster/expired', `The list changed while it was being read (410): ${said}`, { retryable: true });
    case 429:
      return new CodedError('cluster/unavailable', `The API server ${request.server} has too much to do (429).`, { retryable: true });
    default:
      return new CodedError(
        'cluster/unavailable',
        sentence(`The API server ${request.server} answered ${answer.status} for ${request.path}${said ? `: ${said}` : ''}`),
        {
          retryable: answer.status >= 500,
        },
      );
  }
}

/** A refusal that no role would change. */
function isOfPolicy(said: string): boolean {
  return /denied request|denied the request/.test(said);
}

/** What only a write is refused for. */
function writeRefusal(status: number, said: string): CodedError | undefined {
  if (status === 409) return new CodedError('cluster/conflict', said || 'Somebody else has changed the object meanwhile (409).');
  if (status === 400 || status === 422)
    return new CodedError('cluster/invalid', said || `The API server refuses this as wrong (${status}).`);
  return undefined;
}

/** A request that got no answer. `stage` says whether it failed before the first byte: an exec plugin, or the connection. */
export function unreachable(server: string, cause: unknown, stage: 'credentials' | 'connection'): CodedError {
  if (cause instanceof CodedError) return cause;
  const why = redact(reasonOf(cause));
  if (stage === 'credentials')
    return new CodedError('cluster/unauthenticated', sentence(`Cannot get credentials for the API server ${server}: ${why}`), { cause });
  return new CodedError('cluster/unreachable', sentence(`Cannot reach the API server ${server}: ${why}`), { retryable: true, cause });
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'TimeoutError' || cause.name === 'AbortError') return 'no answer in time';
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name cannot be resolved';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return "its certificate is not signed by the kubeconfig's certificate authority";
    default:
      return (cause.message || code || cause.name).split('\n', 1)[0] ?? cause.name;
  }
}

function statusMessage(body: string): string {
  try {
    return Status.parse(JSON.parse(body)).message ?? '';
  } catch {
    // Proxies in front of an API server answer with a page instead of a Status; the HTTP status then says it all.
    return '';
  }
}

/** The smallest RBAC rule that would let the refused request through, ready to paste. */
function allowingRule(path: string, asked?: string): string {
  const right = requestedRight('GET', path);
  if (right.kind === 'path') return '';
  const { group, resource, subresource, namespace } = right;
  const verb = asked ?? right.verb;
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  const where =
    namespace === undefined ? 'a ClusterRole, bound for the whole cluster' : `a Role in namespace ${namespace} (or a ClusterRole)`;
  return `This rule in ${where} would allow it:\n  - apiGroups: ["${group}"]\n    resources: ["${what}"]\n    verbs: ["${verb}"]`;
}
