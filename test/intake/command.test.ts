import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { podOfAlert, textOfMessage } from '../../src/intake/alerts/message-text.ts';
import { parseCommand } from '../../src/intake/command.ts';

const parse = (text: string) => parseCommand(text, ['prod', 'staging']);
const pod = { kind: 'diagnose', cluster: 'prod', namespace: 'shop', pod: 'web-0' };

describe('a command', () => {
  it.each([
    ['diagnose shop/web-0', pod],
    ['Diagnose shop/web-0', pod],
    ['diagnose shop web-0', pod],
    ['diagnose -n shop web-0', pod],
    ['diagnose pod/web-0 -n shop', pod],
    ['diagnose web-0 --namespace=shop', pod],
    ['diagnose `shop/web-0`', pod],
    ['diagnose “shop/web-0”', pod],
    ['diagnose\u00a0shop/web-0', pod],
    ['diagnose <http://shop/web-0|shop/web-0>', pod],
    ['diagnose shop/web-0 in staging', { ...pod, cluster: 'staging' }],
    ['diagnose in Staging shop/web-0', { ...pod, cluster: 'staging' }],
    ['diagnose', { kind: 'pick', cluster: 'prod' }],
    ['silence shop/web 2h', { kind: 'silence', cluster: 'prod', namespace: 'shop', workload: 'web', forMs: 7_200_000 }],
    [
      'silence shop/deploy/web 30m moving the registry in staging',
      { kind: 'silence', cluster: 'staging', namespace: 'shop', workload: 'web', forMs: 1_800_000, reason: 'moving the registry' },
    ],
    ['silences', { kind: 'silences' }],
    ['diagnose -n shop', { kind: 'pick', cluster: 'prod', namespace: 'shop' }],
    ['scan', { kind: 'scan', cluster: 'prod' }],
    ['scan shop in staging', { kind: 'scan', cluster: 'staging', namespace: 'shop' }],
    ['status', { kind: 'status' }],
    ['history', { kind: 'history' }],
    ['history shop/web', { kind: 'history', about: { namespace: 'shop', workload: 'web' } }],
    ['', { kind: 'help' }],
    ['help', { kind: 'help' }],
  ])('%j is understood', (text, command) => {
    expect(parse(text)).toEqual(command);
  });

  it.each([
    ['diagnoze shop/web-0', 'Did you mean `diagnose shop/web-0`?'],
    ['shop/web-0', 'Write `diagnose shop/web-0`'],
    ['diagnose web-0', 'Which namespace is "web-0" in?'],
    ['diagnose Shop/web-0', 'names are lower case'],
    ['diagnose shop/', 'it is empty'],
    ['diagnose a b c', 'I read 3 words'],
    ['diagnose shop/web-0 in stagin', 'Did you mean staging?'],
    ['diagnose shop/web-0 in', 'Which cluster?'],
    ['scan a b', 'one namespace or none'],
    ['history a b', 'Write `history`'],
    ['silence shop/web', 'Write `silence NAMESPACE/WORKLOAD 2h [reason]`'],
    ['silence shop 2h', 'Write `silence NAMESPACE/WORKLOAD 2h [reason]`'],
    ['silence shop/web 2d', 'with a time such as 30m or 24h'],
    ['silence shop/Web 2h', 'names are lower case'],
    [`diagnose ${'x'.repeat(600)}`, 'at most 500'],
  ])('%j is answered with what was meant', (text, says) => {
    expect(parse(text)).toEqual({ kind: 'wrong', says: expect.stringContaining(says) });
  });

  it('of any characters is answered, and nothing in the answer pings', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.constantFrom('', 'diagnose ', 'scan ', 'history '), (text, verb) => {
        const command = parse(`${verb}${text}<!channel>`);
        if (command.kind === 'wrong') expect(command.says).not.toMatch(/<[!@#]/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('an alert', () => {
  const found = (namespace: string, name: string, others = 0) => ({ status: 'found', namespace, pod: name, others });
  it.each([
    ['KubePodNotReady{namespace="shop", pod="web-0"}', found('shop', 'web-0')],
    ['*Namespace:* shop\n*Pod:* web-0', found('shop', 'web-0')],
    ['{"labels":{"namespace":"shop","pod":"web-0"}}', found('shop', 'web-0')],
    ['namespace=shop pod_name=web-0', found('shop', 'web-0')],
    ['kube_namespace:shop pod_name:web-0', found('shop', 'web-0')],
    ['Pod shop/web-0 has been in a non-ready state', found('shop', 'web-0')],
    ['look at `shop/web-0`', found('shop', 'web-0')],
    ['namespace: shop, pod: web-0\nnamespace: tools, pod: ci-1', found('shop', 'web-0', 1)],
  ])('%j names its pod', (text, expected) => {
    expect(podOfAlert(text)).toEqual(expected);
  });

  it('without a pod says what to write instead', () => {
    expect(podOfAlert('The disk of node-1 is full')).toMatchObject({
      status: 'none',
      says: expect.stringContaining('diagnose NAMESPACE/POD'),
    });
  });

  it('may keep its labels in attachments and blocks, however deep', () => {
    const message = {
      text: '[FIRING:1]',
      attachments: [
        {
          fields: [
            { title: 'namespace', value: 'shop' },
            { title: 'pod', value: 'web-0' },
          ],
        },
      ],
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'x' } }],
    };
    expect(podOfAlert(textOfMessage(message))).toEqual(found('shop', 'web-0'));
    let deep: unknown = { text: 'namespace=a pod=b' };
    for (let n = 0; n < 10_000; n++) deep = [deep];
    expect(textOfMessage(deep)).toBe('');
  });

  it('of 100 kB made against the patterns is read quickly enough to be answered', () => {
    for (const text of ['namespace'.repeat(12_000), 'pod: '.repeat(20_000), `pod ${'a'.repeat(100_000)}`, `\`${'a-'.repeat(50_000)}`])
      expect(podOfAlert(text).status).toMatch(/none|found/);
  });
});
