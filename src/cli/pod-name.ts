import { shortened } from '../diagnosis/wording.ts';
import { CodedError } from '../errors.ts';

const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Reads `NAMESPACE/POD`, or `POD` with a namespace given beside it. Throws `usage/pod-name`. */
export function parsePodName(text: string, namespace?: string): { readonly namespace: string; readonly pod: string } {
  const parts = text.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2) throw malformed(text, 'it has more than one slash');
  if (second === undefined && namespace === undefined) throw malformed(text, 'the namespace is missing');
  if (second !== undefined && namespace !== undefined && first !== namespace && first !== 'pod' && first !== 'pods') {
    throw malformed(text, `it names namespace ${first}, and --namespace says ${namespace}`);
  }
  const where = namespace ?? first;
  const pod = second ?? first;
  if (!DNS_LABEL.test(where)) throw malformed(text, `"${where}" is no namespace: lower-case letters, digits and dashes, at most 63`);
  if (!DNS_NAME.test(pod)) throw malformed(text, `"${pod}" is no pod name: lower-case letters, digits, dashes and dots`);
  return { namespace: where, pod };
}

function malformed(text: string, why: string): CodedError {
  return new CodedError('usage/pod-name', `"${shortened(text)}" does not name a pod: ${why}. Write NAMESPACE/POD, for example shop/web-0.`);
}
