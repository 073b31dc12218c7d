const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Whether a text can be the name of a namespace or of a container: a DNS label (RFC 1123). */
export function isNamespaceName(text: string): boolean {
  return NAMESPACE.test(text);
}

/** Whether a text can be the name of a pod, a node or a workload: a DNS subdomain (RFC 1123). */
export function isObjectName(text: string): boolean {
  return NAME.test(text);
}
