import { expect } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import type { OwnNamespace } from '../cluster.ts';
import { PATIENCE_MS } from './world.ts';

/** Lets only those changes of a Deployment through that the expression allows, once it is seen to; resolves to what takes that back. */
export async function admitOnly(
  {
    expression,
    message,
    deployment,
    dryRun,
  }: {
    readonly expression: string;
    readonly message: string;
    /** Whose change is tried, to see that it is refused by now; as a dry run where those are refused as well. */
    readonly deployment: string;
    readonly dryRun: boolean;
  },
  own: OwnNamespace,
): Promise<() => Promise<void>> {
  const policy = `imagepull-${own.name}`;
  const remove = async () => {
    await own.kubectl('delete', 'validatingadmissionpolicybinding,validatingadmissionpolicy', policy);
  };
  await own.create(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: policy },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': own.name } },
          resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['deployments'] }],
        },
        matchConditions: [{ name: 'this', expression: `object.metadata.name == '${deployment}'` }],
        validations: [{ expression, message }],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: policy },
      spec: { policyName: policy, validationActions: ['Deny'] },
    },
  );
  try {
    const change = ['annotate', 'deployment', deployment, 'a=b', '--overwrite', ...(dryRun ? ['--dry-run=server'] : [])];
    await eventually(async () => {
      expect(await own.kubectl(...change).catch((cause: unknown) => String(cause))).toContain(message);
    }, PATIENCE_MS);
    return remove;
  } catch (cause) {
    await remove();
    throw cause;
  }
}
