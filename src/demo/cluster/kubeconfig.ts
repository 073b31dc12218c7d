/** A kubeconfig with one context, `test`, for a stand-in at that address. */
export function kubeconfigFor(url: string, token = 'canary-kubeconfig-token'): string {
  return `apiVersion: v1
kind: Config
current-context: test
clusters: [{ name: test, cluster: { server: "${url}", insecure-skip-tls-verify: true } }]
users: [{ name: test, user: { token: ${token} } }]
contexts: [{ name: test, context: { cluster: test, user: test } }]
`;
}
