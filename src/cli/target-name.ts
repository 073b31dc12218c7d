import type { ControllerKind } from '../cluster/cluster.ts';
import { CodedError } from '../errors.ts';
import { isNamespaceName, isObjectName } from '../facts/kubernetes/kubernetes-name.ts';
import { shortened } from '../text/wording.ts';

/** What a command is about, by name. Without a namespace the one of the kubeconfig's context is meant. */
export interface TargetName {
  readonly kind: 'Pod' | ControllerKind;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** The names of kinds that kubectl knows: singular, plural and short. */
const KIND_NAMES: Readonly<Record<string, TargetName['kind']>> = Object.fromEntries(
  (
    [
      ['Pod', 'pod pods po'],
      ['Deployment', 'deployment deployments deploy'],
      ['StatefulSet', 'statefulset statefulsets sts'],
      ['DaemonSet', 'daemonset daemonsets ds'],
      ['ReplicaSet', 'replicaset replicasets rs'],
      ['ReplicationController', 'replicationcontroller replicationcontrollers rc'],
      ['Job', 'job jobs'],
      ['CronJob', 'cronjob cronjobs cj'],
    ] as const
  ).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind])),
);

/** `deployment.apps` and `deployments.v1.apps` are what kubectl itself prints. */
const GROUP = /\.(?:v1\.)?(?:apps|batch)$/;

/** The kind that a word before a slash names, if it is one. */
export function kindNamed(word: string): TargetName['kind'] | undefined {
  const name = word.toLowerCase().replace(GROUP, '');
  return Object.hasOwn(KIND_NAMES, name) ? KIND_NAMES[name] : undefined;
}

/**
 * Reads `POD`, `NAMESPACE/POD` or `KIND/NAME`, with the namespace of `-n` if there is one. A known kind before the slash
 * is a kind; a namespace of such a name has to be given with `-n`. Throws `usage/target-name`.
 */
export function parseTargetName(text: string, namespace?: string): TargetName {
  const parts = text.split('/');
  const [first = '', second] = parts;
  const kind = second === undefined ? undefined : kindNamed(first);
  if (parts.length > 2) throw malformed(text, 'it has more than one slash');
  if (second !== undefined && kind === undefined && namespace !== undefined && first !== namespace)
    throw malformed(text, `it names namespace ${first}, and --namespace says ${namespace}`);
  const where = namespace ?? (second === undefined || kind !== undefined ? undefined : first);
  const name = second ?? first;
  if (where !== undefined) checkNamespace(where, text);
  if (name === '') throw malformed(text, 'the name is missing');
  if (!isObjectName(name))
    throw malformed(text, `"${name}" is no name of ${kind ? `a ${kind}` : 'a pod'}: lower-case letters, digits, dashes and dots`);
  return { kind: kind ?? 'Pod', namespace: where, name };
}

/** Throws `usage/target-name` for what no namespace can be called. */
export function checkNamespace(namespace: string, text = namespace): void {
  if (!isNamespaceName(namespace))
    throw malformed(text, `"${namespace}" is no namespace: lower-case letters, digits and dashes, at most 63`);
}

function malformed(text: string, why: string): CodedError {
  return new CodedError(
    'usage/target-name',
    `"${shortened(text)}" names neither a pod nor a workload: ${why}. Write POD, NAMESPACE/POD or KIND/NAME, for example shop/web-0 or deploy/web.`,
  );
}
