import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { apiError } from '../../src/cluster/kubernetes-error.ts';
import { CodedError } from '../../src/errors.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import { commandsOf, evidenceOf } from '../../src/report/card/replies.ts';
import { markdownReport } from '../../src/report/formats/markdown-report.ts';
import { textReport } from '../../src/report/formats/text-report.ts';
import { hanging, plain } from '../../src/report/layout.ts';
import { plainText } from '../../src/report/plain-text.ts';
import { type Report, reportOf } from '../../src/report/report.ts';
import { questionTexts, textParts } from '../../src/report/text-parts.ts';
import { diagnoseRecording, recordingOf } from '../support/diagnosis.ts';
import { podObject } from '../support/objects.ts';

const forbidden = (path: string) =>
  apiError(
    { status: 403, body: JSON.stringify({ message: `serviceaccounts "default" is forbidden: User "bot" cannot get resource` }) },
    { path, server: 'https://cluster.example' },
  );
const RULE = [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get'] }];

/** A diagnosis by somebody who may not read service accounts. */
async function restrictedReport(given: Parameters<typeof podObject>[0] = {}): Promise<Report> {
  const message = 'unexpected status from HEAD request to https://registry.example/v2/shop/web/manifests/1: 401 Unauthorized';
  const recording = recordingOf(podObject({ waiting: { reason: 'ErrImagePull', message }, ...given }));
  const sources = createRecordedSources({ ...recording, secrets: [] });
  const refused = async () => {
    throw new CodedError('cluster/forbidden', forbidden('/api/v1/namespaces/shop/serviceaccounts/default').message);
  };
  const run = await diagnoseRecording(recording, { ...sources, cluster: { ...sources.cluster, readServiceAccount: refused } });
  return reportOf(run, { kubernetes: 0, registry: 0 });
}

/** The lines of a text that are the rule and stand alone, as they would be copied. */
function pasted(text: string, mark = ''): unknown {
  const lines = text.split('\n').map((line) => line.replace(mark, ''));
  const from = lines.findIndex((line) => line.trimStart().startsWith('- apiGroups'));
  return parse(lines.slice(from, from + 3).join('\n'));
}

describe('a rule that would allow a request', () => {
  it('stays valid YAML on a terminal of any width, in markdown and in a chat', async () => {
    const report = await restrictedReport();
    for (const width of [40, 60, 100]) expect(pasted(textReport(report, plain, width))).toEqual(RULE);
    expect(pasted(markdownReport(report))).toEqual(RULE);
    expect(markdownReport(report)).toMatch(
      /```\n {2}- apiGroups: \[""\]\n {4}resources: \["serviceaccounts"\]\n {4}verbs: \["get"\]\n {2}```/,
    );
    const pieces = [...evidenceOf(report), ...commandsOf(report)];
    expect(pieces).toContainEqual({
      kind: 'quote',
      from: [],
      text: '- apiGroups: [""]\n  resources: ["serviceaccounts"]\n  verbs: ["get"]',
    });
    expect(pasted(plainText(pieces))).toEqual(RULE);
  });

  it('has nothing glued to it', async () => {
    const text = textReport(await restrictedReport(), plain, 100);
    expect(text).toMatch(/^ *verbs: \["get"\]$/m);
    expect(text).toMatch(/would allow it:$/m);
  });
});

describe('without the right to read service accounts', () => {
  it('the service account is in question, and no secret is blamed', async () => {
    const report = await restrictedReport();
    const [asked] = report.verdict.unanswered.filter(({ check }) => check === 'inspect-pull-secrets');
    expect(asked).toMatchObject({ question: 'Does service account default name a pull secret?', commands: [] });
    expect(questionTexts(report.verdict.unanswered).join('\n')).not.toMatch(/secrets exist|get` on secrets/);
  });

  it('nothing is in question where the pod names secrets of its own', async () => {
    const report = await restrictedReport({ pullSecrets: ['regcred'] });
    expect(report.verdict.unanswered.filter(({ check }) => check === 'inspect-pull-secrets')).toEqual([]);
    expect(report.shortfalls.join(' ')).not.toContain('serviceaccounts');
  });
});

describe('without the right to read jobs', () => {
  it('it is said that the CronJob behind a Job is not known, with the rule', async () => {
    const owner = { kind: 'Job', name: 'report-29928785' };
    const recording = recordingOf(
      podObject({ owner, waiting: { reason: 'ErrImagePull', message: 'registry.example/shop/web:1: not found' } }),
    );
    const sources = createRecordedSources(recording);
    const readJob = async () => {
      throw new CodedError('cluster/forbidden', forbidden('/apis/batch/v1/namespaces/shop/jobs/report-29928785').message);
    };
    const run = await diagnoseRecording(recording, { ...sources, cluster: { ...sources.cluster, readJob } });
    const report = reportOf(run, { kubernetes: 0, registry: 0 });
    expect(report.shortfalls[0]).toMatch(/^Whether a CronJob made Job report-29928785 is not known\./);
    expect(pasted(textReport(report, plain, 60))).toEqual([{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['get'] }]);
  });
});

describe('texts with lines to copy', () => {
  it('are taken apart into sentences and blocks', () => {
    expect(textParts('One\nTwo:\n  - a\n    b\nThree.')).toEqual([
      { kind: 'prose', text: 'One. Two:' },
      { kind: 'verbatim', text: '- a\n  b' },
      { kind: 'prose', text: 'Three.' },
    ]);
  });

  it('say only once what stood in the way of several questions', () => {
    const because = 'secrets is forbidden\nThis rule would allow it:\n  - apiGroups: [""]';
    expect(
      questionTexts([
        { question: 'One?', because, enable: 'Ask.' },
        { question: 'Two?', because, enable: 'Ask.' },
      ]),
    ).toEqual([`One? ${because}`, 'Two? The same stands in the way. Ask.']);
  });

  it('keep their indentation when they are wrapped', () => {
    expect(hanging('! ', 'Rule:\n  - a b\n    c d', 24)).toEqual(['! Rule:', '    - a b', '      c d']);
  });
});
