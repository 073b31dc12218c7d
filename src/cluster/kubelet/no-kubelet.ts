import { CodedError } from '../../errors.ts';
import type { KubeletReader } from '../cluster.ts';

/** The kubelet reader for access `off`: every question fails with `kubelet/off` and says how to change that. */
export function createNoKubelet(): KubeletReader {
  const refuse = async (): Promise<never> => {
    throw new CodedError(
      'kubelet/off',
      'The kubelet was not asked, because kubelet access is off. Choose direct, apiserver-proxy or prometheus to read disks, metrics and log of the node.',
    );
  };
  return { access: 'off', sampleMetrics: refuse, readStats: refuse, readConfiguration: refuse, readLog: refuse, requests: () => 0 };
}
