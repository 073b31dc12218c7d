import type { Event } from '../../facts/kubernetes/kubernetes-object.ts';
import { duration } from '../../text/wording.ts';
import type { Finding } from '../finding.ts';
import { eventsOf, evidenceOf, newest } from './pod-events.ts';
import type { Target } from './target.ts';

/** A shorter wait for other pulls is nothing to tell. */
const LONG_WAIT_MS = 30_000;

/** `Successfully pulled image "X" in 42ms (4m59.041s including waiting).`, from Kubernetes 1.27 on. */
const PULLED = / in ([0-9.hmsµun]{1,30}) \(([0-9.hmsµun]{1,30}) including waiting\)/;

/** Images that are there and whose pull waited long in the kubelet's line. */
export function waitFindings(target: Target, events: readonly Event[], now: Date): readonly Finding[] {
  return target.images.flatMap((image): readonly Finding[] => {
    const pulled =
      image.state.status === 'present' ? newest(eventsOf(image, events).filter(({ reason }) => reason === 'Pulled')) : undefined;
    const [, alone = '', inAll = ''] = PULLED.exec(pulled?.message ?? '') ?? [];
    const pulling = goDuration(alone);
    const waited = goDuration(inAll) - pulling;
    if (!pulled || !(waited >= LONG_WAIT_MS)) return [];
    return [
      {
        code: 'pod/waited-for-pulls',
        says: `${image.image} was pulled in ${pulling < 1000 ? `${Math.round(pulling)} ms` : duration(pulling)}, after ${duration(waited)} in line behind other pulls of the node.`,
        container: image.name,
        names: { waited: duration(waited) },
        evidence: [evidenceOf(pulled, now)],
      },
    ];
  });
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000_001 };

/** A duration as Go prints it, in milliseconds; not a number for anything else. */
function goDuration(text: string): number {
  const parts = [...text.matchAll(/([0-9]{1,10}(?:\.[0-9]{1,10})?)(ns|us|µs|ms|h|m|s)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return Number.NaN;
  return parts.reduce((sum, [, value, unit = '']) => sum + Number(value) * (UNITS[unit] ?? Number.NaN), 0);
}
