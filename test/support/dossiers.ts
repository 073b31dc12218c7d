import type { MemberPod } from '../../src/incident/members.ts';
import type { Dossier } from '../../src/incident-page/dossier.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { diagnoseRecording } from './diagnosis.ts';
import { incidentObject } from './incidents.ts';

/** A pod of an incident; give only what the test is about. */
export function memberPod(given: Partial<MemberPod> & Pick<MemberPod, 'pod' | 'node'>): MemberPod {
  return { namespace: 'shop', uid: given.pod, workload: 'Deployment/web', container: 'app', ...given };
}

/** A dossier of an incident that nobody has looked into yet. */
export function dossier(given: Partial<Dossier> = {}): Dossier {
  return {
    incident: incidentObject({ id: 'incident' }),
    runs: [],
    runsLeftOut: 0,
    plans: [],
    isAllPlans: true,
    pods: { failing: [], pulled: [], total: 0, isAll: true },
    namespaces: new Set(['shop']),
    people: {},
    at: new Date('2026-03-01T11:00:00Z'),
    ...given,
  };
}

/** A tag that is missing, seen on many nodes, of which some pods have recovered. */
export async function bigDossier(): Promise<Dossier> {
  const run = await diagnoseRecording(await readRecordingFolder('test/cases/made-tag-not-found'));
  const at = (minutes: number) => new Date(Date.parse(run.startedAt) + minutes * 60_000).toISOString();
  const workloads = ['Deployment/web', 'Deployment/checkout', 'StatefulSet/cache', 'DaemonSet/agent-with-a-rather-long-name'];
  const pods = Array.from({ length: 48 }, (_, n) =>
    memberPod({
      pod: `pod-${n}`,
      node: `node-${(n * 7) % 17}`,
      workload: workloads[n % 4] ?? '',
      namespace: n % 11 === 5 ? 'other' : 'shop',
    }),
  );
  const { title = '', verdict } = run.conclusion ?? {};
  return dossier({
    incident: incidentObject({
      id: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
      cluster: 'prod',
      since: at(-4),
      openedAt: at(-1),
      trigger: { kind: 'alert', source: 'alertmanager' },
      outcome: { runId: run.id, cause: verdict?.cause ?? null, title, confidence: verdict?.confidence ?? '', at: at(0.2) },
      care: { by: 'U0ANN', since: at(1) },
      life: {
        status: 'resolved',
        at: at(14),
        by: {
          kind: 'recovery',
          pods: 48,
          pulled: 30,
          changes: [{ what: 'image', workload: 'Deployment/web', image: 'registry.example/shop/web:1.27.3' }],
        },
      },
    }),
    runs: [run],
    pods: { failing: pods.filter((_, n) => n % 3 === 0), pulled: pods.filter((_, n) => n % 3 !== 0), total: 48, isAll: true },
    people: { U0ANN: 'Ann Lee' },
    docsUrl: 'https://docs.example/causes',
  });
}
