import type { Incident } from '../../src/incident/incident.ts';
import type { Run } from '../../src/runbook/run.ts';

/** A run about shop/web-0 that has not started a step; give only what the test is about. */
export function runObject(given: Partial<Run> & Pick<Run, 'id'>): Run {
  return {
    incidentId: 'incident',
    runbook: 'test@1',
    target: {
      cluster: 'test',
      namespace: 'shop',
      pod: 'web-0',
      uid: 'u',
      phase: 'Pending',
      serviceAccount: 'default',
      pullSecrets: [],
      images: [],
      createdAt: '2026-03-01T10:00:00Z',
    },
    trigger: { kind: 'command', user: 'U1' },
    startedAt: '2026-03-01T10:10:00Z',
    revision: 0,
    steps: {},
    findings: [],
    failures: [],
    shortfalls: [],
    ...given,
  };
}

/** An incident about shop/web-0, told in channel C1. */
export function incidentObject(given: Partial<Incident> & Pick<Incident, 'id'>): Incident {
  return {
    revision: 0,
    place: { channel: 'C1' },
    cluster: 'test',
    namespace: 'shop',
    pod: 'web-0',
    workload: 'Deployment/web',
    openedAt: '2026-03-01T10:10:00Z',
    runIds: [],
    ...given,
  };
}
