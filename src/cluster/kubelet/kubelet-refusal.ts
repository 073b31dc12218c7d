import { z } from 'zod';
import { CodedError } from '../../errors.ts';
import { parseJson } from '../../facts/json.ts';
import { redact } from '../../facts/redaction.ts';
import type { GetAnswer } from '../../network/http/get.ts';

const Status = z.object({ kind: z.literal('Status'), message: z.string().optional() });

/**
 * What an answer of the API server's node proxy means that is no success. Whatever is a Status comes from the API server, which did not
 * get as far as the kubelet; anything else is the kubelet's own word. Undefined for what the API server says of itself.
 */
export function proxyRefusal({ status, body }: GetAnswer, node: string, path: string): CodedError | undefined {
  const own = Status.safeParse(parseJson(body));
  if (status === 429 || (status === 401 && own.success)) return undefined;
  if (own.success && status === 403) return new CodedError('kubelet/forbidden', forbiddenByApiServer(node));
  if (own.success) return outOfReach(node, redact(own.data.message || `it answered ${status}`));
  if (status === 404) return new CodedError('kubelet/unsupported', `The kubelet of ${node} does not offer ${path}.`);
  return new CodedError('kubelet/bad-answer', answeredBadly({ status, body }, node, path));
}

/** That a kubelet cannot be reached through the API server. */
export function outOfReach(node: string, because: string, cause?: unknown): CodedError {
  const says = `The kubelet of ${node} cannot be reached through the API server: ${because.replace(/\.$/, '')}.`;
  return new CodedError('kubelet/unreachable', says, { cause });
}

function forbiddenByApiServer(node: string): string {
  return `Reading the kubelet of ${node} through the API server needs this rule in a ClusterRole:
  - apiGroups: [""]
    resources: ["nodes/proxy"]
    verbs: ["get"]
It also lets its holder run commands in any pod; --kubelet direct needs less.`;
}

/** The right that each path of a kubelet needs (pkg/kubelet/server/auth.go). */
const RESOURCES: readonly (readonly [path: string, resource: string])[] = [
  ['/metrics', 'nodes/metrics'],
  ['/stats', 'nodes/stats'],
  ['/logs', 'nodes/log'],
  ['/configz', 'nodes/configz'],
];

/** What an answer of a kubelet on its own port means that is no success. */
export function directRefusal({ status, body }: GetAnswer, node: string, path: string): CodedError {
  if (status === 401)
    return new CodedError(
      'kubelet/forbidden',
      `The kubelet of ${node} does not accept the credentials (401). It takes the cluster's tokens only with authentication.webhook.enabled, or a client certificate of the cluster.`,
    );
  if (status === 404) return new CodedError('kubelet/unsupported', `The kubelet of ${node} does not offer ${path}.`);
  if (status !== 403) return new CodedError('kubelet/bad-answer', answeredBadly({ status, body }, node, path));
  const resource = RESOURCES.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'nodes/proxy';
  const older =
    resource === 'nodes/configz' ? '\nBefore Kubernetes 1.33 it takes nodes/proxy, whose holder may also run commands in any pod.' : '';
  return new CodedError(
    'kubelet/forbidden',
    `The kubelet of ${node} refuses ${path} (403). This rule in a ClusterRole would allow it:\n  - apiGroups: [""]\n    resources: ["${resource}"]\n    verbs: ["get"]${older}`,
  );
}

function answeredBadly({ status, body }: GetAnswer, node: string, path: string): string {
  const said = redact(body.slice(0, 200)).trim().split('\n', 1)[0] ?? '';
  return `The kubelet of ${node} answers ${status} for ${path}${said === '' ? '' : `: ${said}`}.`;
}
