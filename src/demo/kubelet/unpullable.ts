/** Why an image is not even tried: what the container waits for, and what the kubelet says about it. */
export interface Unpullable {
  readonly reason: 'InvalidImageName' | 'ErrImageNeverPull';
  readonly event: 'InspectFailed' | 'ErrImageNeverPull';
  readonly message: string;
}

/** What keeps a kubelet from asking the runtime for an image: its name, or its pull policy. As pkg/kubelet/images/image_manager.go says it. */
export function whyUnpullable(
  { image, imagePullPolicy }: { readonly image: string; readonly imagePullPolicy?: string | null | undefined },
  isPresent: boolean,
): Unpullable | undefined {
  const flaw = flawIn(image);
  if (flaw !== undefined) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format${flaw}`;
    return { reason: 'InvalidImageName', event: 'InspectFailed', message };
  }
  if (imagePullPolicy !== 'Never' || isPresent) return undefined;
  const message = `Container image "${image}" is not present with pull policy of Never`;
  return { reason: 'ErrImageNeverPull', event: 'ErrImageNeverPull', message };
}

/** Of all flaws that a name may have, capitals alone are told: distribution/reference, normalize.go. */
function flawIn(image: string): string | undefined {
  const name = image.slice(image.indexOf('/') + 1).replace(/@.*$/, '');
  const repository = name.replace(/:[^:/]*$/, '');
  if (repository !== repository.toLowerCase()) return `: repository name (${repository}) must be lowercase`;
  return /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(repository) ? undefined : '';
}
