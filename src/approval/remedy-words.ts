import type { Remedy } from './remedy.ts';

/** What a remedy does, as a person would say it: `Set image of Deployment shop/web to 1.27.3`. */
export function remedyTitle(remedy: Remedy): string {
  switch (remedy.id) {
    case 'delete-pod':
      return `Delete pod ${remedy.namespace}/${remedy.pod}`;
    case 'restart-workload':
      return `Restart ${called(remedy)}`;
    case 'roll-back':
      return remedy.revision === 0 ? `Roll back ${called(remedy)}` : `Roll back ${called(remedy)} to revision ${remedy.revision}`;
    case 'set-image':
      return `Set image of ${called(remedy)} to ${remedy.tag}`;
    case 'attach-pull-secret':
      return `Attach pull secret ${remedy.secret} to ${remedy.to === undefined ? '' : 'the service account of '}${called(remedy)}`;
    case 'cordon-node':
      return `Cordon ${remedy.node}`;
    case 'uncordon-node':
      return `Uncordon ${remedy.node}`;
    case 'probe-node':
      return `${LOOKS[remedy.look].from} ${remedy.node}`;
    case 'prune-images':
      return `Prune images on ${remedy.node}`;
    default:
      return remedy satisfies never;
  }
}

/** The same without its object, where that is clear: `Roll back`, `Set image to 1.27.3`. */
export function remedyAction(remedy: Remedy): string {
  switch (remedy.id) {
    case 'delete-pod':
      return 'Delete pod';
    case 'restart-workload':
      return 'Restart';
    case 'roll-back':
      return 'Roll back';
    case 'set-image':
      return `Set image to ${remedy.tag}`;
    case 'attach-pull-secret':
      return `Attach pull secret ${remedy.secret}`;
    case 'cordon-node':
      return 'Cordon';
    case 'uncordon-node':
      return 'Uncordon';
    case 'probe-node':
      return LOOKS[remedy.look].alone;
    case 'prune-images':
      return 'Prune images';
    default:
      return remedy satisfies never;
  }
}

const LOOKS = {
  probe: { from: 'Probe from', alone: 'Probe from the node' },
  pull: { from: 'Try the pull on', alone: 'Try the pull' },
  images: { from: 'List the images of', alone: 'List images' },
} as const;

function called({ workload: { kind, namespace, name } }: Extract<Remedy, { readonly workload: unknown }>): string {
  return `${kind} ${namespace}/${name}`;
}
