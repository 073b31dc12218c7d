import type { Verdict } from '../../src/diagnosis/verdict.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { DiagnosisRequest } from '../../src/incident/request.ts';
import type { Conclusion, Run } from '../../src/runbook/run.ts';

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
    places: [{ channel: 'C1' }],
    audience: { kind: 'everyone' },
    cluster: 'test',
    namespace: 'shop',
    pod: 'web-0',
    workload: 'Deployment/web',
    openedAt: '2026-03-01T10:10:00Z',
    identity: {},
    aliases: [],
    life: { status: 'open' },
    ...given,
  };
}

/** A request of U1 in C1 for shop/web-0 that nobody has taken yet. */
export function requestObject(given: Partial<DiagnosisRequest> & Pick<DiagnosisRequest, 'id'>): DiagnosisRequest {
  return {
    revision: 0,
    askedAt: '2026-03-01T10:10:00Z',
    trigger: { kind: 'command', user: 'U1' },
    asker: { user: 'U1' },
    place: { channel: 'C1' },
    audience: { kind: 'everyone' },
    cluster: 'test',
    namespace: 'shop',
    pod: 'web-0',
    state: { status: 'accepted' },
    awaitedUntil: '2026-03-01T10:10:15Z',
    seen: 'nothing',
    ...given,
  };
}

/** What a run says that ended with a cause, or with none; give of the verdict what the test is about. */
export function conclusionObject(cause: string | null, given: Partial<Verdict> = {}): Conclusion {
  return {
    title: 'x',
    verdict: {
      cause,
      family: null,
      confidence: 'confirmed',
      because: [],
      against: [],
      context: [],
      alternatives: [],
      unanswered: [],
      ...given,
    },
    remediation: [],
    unanswered: [],
  };
}

/** A run about shop/web-0 that has ended with a cause, or with none; give only what the test is about. */
export function concludedRun(given: Partial<Run> & Pick<Run, 'id'>, cause: string | null): Run {
  const family = cause === null ? null : 'image';
  const title = cause === null ? 'Every image is there' : 'registry.example has no tag 1 of shop/web';
  return runObject({ ...given, conclusion: { ...conclusionObject(cause, { family, because: ['The registry has no such tag.'] }), title } });
}
