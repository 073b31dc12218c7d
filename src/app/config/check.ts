import { signingKeyOf, verifierOfAny } from '../../signing/keys.ts';
import { readPolicy } from '../approvals.ts';
import { readTextFile } from '../text-file.ts';
import type { FileConfig } from './schema.ts';
import { slackSecrets, sourceSecrets } from './variables.ts';

/** What a configuration needs besides itself. */
export interface Needed {
  /** Names of environment variables; each may come as `NAME_FILE`. */
  readonly variables: readonly string[];
  /** Files that it names, and that are not here. */
  readonly absent: readonly { readonly setting: string; readonly file: string }[];
}

/**
 * Looks at what a configuration names: a policy and keys that are here are read. `exists` says whether a file is here. Throws `config/…`,
 * `runbook/invalid` for one that is not what it should be.
 */
export function checkNamed(settings: FileConfig, exists: (file: string) => boolean): Needed {
  const { policy, signingKey, gatewayKeys = [], executorKeys = [] } = settings.remedies;
  const here = (file: string) => exists(file);
  if (policy !== undefined && here(policy)) readPolicy(policy, undefined);
  if (signingKey !== undefined && here(signingKey)) signingKeyOf(readTextFile(signingKey));
  verifierOfAny([...gatewayKeys, ...executorKeys].filter(here).map(readTextFile));
  const named = [
    ...settings.clusters.flatMap(({ kubeconfig, executor }, at) => [
      { setting: `clusters[${at}].kubeconfig`, file: kubeconfig },
      { setting: `clusters[${at}].executor.kubeconfig`, file: executor?.kubeconfig },
    ]),
    { setting: 'remedies.policy', file: policy },
    { setting: 'remedies.signingKey', file: signingKey },
    ...gatewayKeys.map((file, at) => ({ setting: `remedies.gatewayKeys[${at}]`, file })),
    ...executorKeys.map((file, at) => ({ setting: `remedies.executorKeys[${at}]`, file })),
  ];
  return {
    variables: [...slackSecrets(settings), ...sourceSecrets(settings)],
    absent: named.flatMap(({ setting, file }) => (file === undefined || here(file) ? [] : [{ setting, file }])),
  };
}
