import { z } from 'zod';
import type { KubeObject } from '../cluster/writing/object-writer.ts';
import type { DraftContext } from './draft.ts';
import { type PodTemplate, pullSecretsIn } from './object-shape.ts';

const Account = z.looseObject({ imagePullSecrets: z.array(z.looseObject({ name: z.string().optional() })).optional() });

/**
 * The pull secrets that the next pod of a template gets: those it names, and only where it names none those of its service account.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account
 */
export async function nextPullSecrets(
  template: PodTemplate['spec'],
  { namespace, objects }: { readonly namespace: string } & Pick<DraftContext, 'objects'>,
): Promise<readonly string[]> {
  const own = pullSecretsIn(template);
  if (own.length > 0) return own;
  const account: KubeObject = await objects.read({ kind: 'ServiceAccount', namespace, name: template.serviceAccountName ?? 'default' });
  return pullSecretsIn({ ...template, imagePullSecrets: Account.parse(account).imagePullSecrets });
}
