import { describe, expect, it } from 'vitest';
import { namesOf, ownObjects } from './api-objects.ts';
import { type ApiTarget, ask } from './api-target.ts';

/** What selectors have to leave. */
export function describeSelectors(target: () => ApiTarget): void {
  it.each([
    ['n=1', ['one']],
    ['n!=1', ['none', 'two']],
    ['n in (1,2)', ['one', 'two']],
    ['n notin (1)', ['none', 'two']],
    ['n', ['one', 'two']],
    ['!n', ['none']],
    ['n,n!=2', ['one']],
  ])('the label selector %s', async (labelSelector, expected) => {
    const own = await ownObjects(target());
    await own.secret('none');
    await own.secret('one', { n: '1' });
    await own.secret('two', { n: '2' });
    expect(namesOf((await ask(target(), { path: own.at('secrets'), query: { labelSelector } })).body)).toEqual(expected);
  });

  describe('field selectors', () => {
    it('of events', async () => {
      const own = await ownObjects(target());
      await own.event('a', 'Failed', 'web-1');
      await own.event('b', 'BackOff', 'web-1');
      await own.event('c', 'Pulled', 'web-2');
      const cases: readonly (readonly [string, readonly string[]])[] = [
        ['involvedObject.kind=Pod', ['a', 'b', 'c']],
        ['involvedObject.kind=Pod,reason!=Pulled', ['a', 'b']],
        ['involvedObject.name=web-1,reason=Failed', ['a']],
        ['involvedObject.uid=uid-web-2', ['c']],
        [`involvedObject.namespace=${own.namespace},source=kubelet,type=Warning`, ['a', 'b', 'c']],
        ['source!=kubelet', []],
        ['metadata.name==b', ['b']],
      ];
      for (const [fieldSelector, expected] of cases)
        expect(namesOf((await ask(target(), { path: own.at('events'), query: { fieldSelector } })).body), fieldSelector).toEqual(expected);
    });

    it('of pods', async () => {
      const own = await ownObjects(target());
      await own.pod('a');
      const names = async (fieldSelector: string) =>
        namesOf((await ask(target(), { path: own.at('pods'), query: { fieldSelector } })).body);
      expect(await names('status.phase=Pending')).toEqual(['a']);
      expect(await names('status.phase=Running')).toEqual([]);
      expect(await names('status.phase!=Running,spec.nodeName=')).toEqual(['a']);
      expect(await names('spec.nodeName=elsewhere')).toEqual([]);
    });

    it.each([
      ['/api/v1/pods', 'foo=bar', 'field label not supported: foo'],
      ['/api/v1/events', 'foo=bar', 'field label not supported: foo'],
      ['/api/v1/nodes', 'spec.nodeName=bar', 'field label not supported: spec.nodeName'],
      ['/apis/batch/v1/jobs', 'foo=bar', 'field label "foo" not supported for Job'],
      ['/apis/apps/v1/deployments', 'foo=bar', '"foo" is not a known field selector: only "metadata.name", "metadata.namespace"'],
      ['/api/v1/pods', 'foo', "invalid selector: 'foo'; can't understand 'foo'"],
    ])('%s?fieldSelector=%s is refused', async (path, fieldSelector, message) => {
      expect((await ask(target(), { path, query: { fieldSelector } })).body).toMatchObject({ code: 400, reason: 'BadRequest', message });
    });

    it('and label selectors that cannot be read are refused', async () => {
      const { body } = await ask(target(), { path: '/api/v1/secrets', query: { labelSelector: '===' } });
      expect(body).toMatchObject({ code: 400, reason: 'BadRequest' });
    });
  });
}
