/**
 * The system service of a runtime such as `containerd://2.1.4`. K3s and RKE2 run containerd inside their own service, whose
 * name depends on the node's role, and Windows has no such services: then it is unknown.
 */
export function runtimeService(version: string): string | undefined {
  const [, name, rest = ''] = /^(containerd|cri-o|docker):\/\/(.{0,100})$/.exec(version) ?? [];
  if (name === undefined || rest.includes('k3s')) return undefined;
  return name === 'cri-o' ? 'crio' : name;
}
