import { inspectPullSecrets } from './inspect-pull-secrets.ts';
import { listPullFailures } from './list-pull-failures.ts';
import { probeEndpoint } from './probe-endpoint.ts';
import { readKubelet } from './read-kubelet.ts';
import { readNode } from './read-node.ts';
import { readPullEvents } from './read-pull-events.ts';
import { resolveManifest } from './resolve-manifest.ts';
import type { Probe } from './step.ts';

/** Every probe a runbook may use, by the name it uses. */
export const PROBES: Readonly<Record<string, Probe>> = {
  'inspect-pull-secrets': inspectPullSecrets,
  'list-pull-failures': listPullFailures,
  'probe-endpoint': probeEndpoint,
  'read-kubelet': readKubelet,
  'read-node': readNode,
  'read-pull-events': readPullEvents,
  'resolve-manifest': resolveManifest,
};
