import { describe, expect, it } from 'vitest';
import { isAbout, type Silence } from '../../src/incident/silence.ts';
import { incidentObject } from '../support/incidents.ts';

const PROVISIONAL = 'prod|?registry|registry.example';
const AWAY = 'prod|registry-unavailable|registry.example';

function silenceOf(about: Silence['about']): Silence {
  return {
    id: 's',
    revision: 0,
    cluster: 'prod',
    namespace: 'shop',
    about,
    by: 'U1',
    from: '2026-03-01T10:00:00Z',
    until: '2026-03-01T11:00:00Z',
  };
}

const cause = (everywhere: boolean) =>
  silenceOf({ kind: 'cause', keys: [PROVISIONAL, AWAY], title: 'registry.example is away', everywhere });

describe('a silence', () => {
  it.each([
    ['of its workload', {}, true],
    ['of another kind of workload with the name', { workload: 'StatefulSet/web' }, true],
    ['of another workload', { workload: 'Deployment/api' }, false],
    ['of a namesake elsewhere', { namespace: 'pay' }, false],
    ['of a namesake in another cluster', { cluster: 'staging' }, false],
  ])('of a workload holds back an incident %s: %s', (_, given, holds) => {
    const incident = incidentObject({ id: 'i', cluster: 'prod', namespace: 'shop', workload: 'Deployment/web', ...given });
    expect(isAbout(silenceOf({ kind: 'workload', workload: 'web' }), incident)).toBe(holds);
  });

  it.each([
    ['with the same verdict', { identity: { provisional: PROVISIONAL, established: AWAY } }, true],
    ['without a verdict that began with the same error', { identity: { provisional: PROVISIONAL } }, true],
    [
      'that began with the same error and has another cause',
      { identity: { provisional: PROVISIONAL, established: 'prod|tls-expired|registry.example' } },
      false,
    ],
    ['that began otherwise', { identity: { provisional: 'prod|?image|registry.example/shop/web' } }, false],
    ['in another namespace', { namespace: 'pay', identity: { established: AWAY } }, true],
    ['in another cluster', { cluster: 'staging', identity: { established: AWAY } }, false],
  ])('of a cause holds back an incident %s: %s', (_, given, holds) => {
    expect(isAbout(cause(true), incidentObject({ id: 'i', cluster: 'prod', namespace: 'shop', ...given }))).toBe(holds);
  });

  it('of a cause in one namespace holds back nothing elsewhere', () => {
    const elsewhere = incidentObject({ id: 'i', cluster: 'prod', namespace: 'pay', identity: { established: AWAY } });
    expect(isAbout(cause(false), elsewhere)).toBe(false);
  });
});
