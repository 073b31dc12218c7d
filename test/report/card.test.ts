import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadRunbook } from '../../src/app/runbooks.ts';
import type { Change, Incident } from '../../src/incident/incident.ts';
import type { Inline, Message, Piece } from '../../src/incident/message.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { MAX_LINES, threadFor } from '../../src/report/card/card.ts';
import { phoneLines, withinLines } from '../../src/report/card/phone-lines.ts';
import { scanMessage } from '../../src/report/card/scan-message.ts';
import { reportOf } from '../../src/report/report.ts';
import { scanned } from '../../src/report/scan-answer.ts';
import { applyEvent, type Run } from '../../src/runbook/run.ts';
import type { FailingContainer, Scan } from '../../src/scan/grouping.ts';
import { diagnoseRecording } from '../support/diagnosis.ts';
import { incidentObject, runObject } from '../support/incidents.ts';

const runbook = loadRunbook();
const docsUrl = 'https://docs.example/causes';

const runOf = async (name: string): Promise<Run> => diagnoseRecording(await readRecordingFolder(`test/cases/${name}`));
const threadOf = (run: Run, total = 1): readonly Message[] =>
  threadFor(incidentObject({ id: 'i', cluster: 'prod' }), [run], { runbook, docsUrl, total });

const words = (text: readonly Inline[]) =>
  text
    .map((part) => (typeof part === 'string' ? part : part.kind === 'time' ? 'Today 12:04 PM' : 'text' in part ? part.text : part.id))
    .join('');

/** Lines of one piece on a phone. */
function linesOf(piece: Piece): number {
  switch (piece.kind) {
    case 'headline':
      return phoneLines(`   ${piece.text}`, 'section');
    case 'text':
      return phoneLines(words(piece.text), 'section');
    case 'note':
      return phoneLines(words(piece.text), 'context');
    case 'steps':
      return phoneLines(piece.summary, 'context');
    case 'commands':
      return phoneLines(piece.title, 'section') + piece.commands.reduce((sum, command) => sum + phoneLines(command, 'command'), 0);
    default:
      return 1;
  }
}

/** What a card is about, as text. */
const shown = (message: Message | undefined) =>
  message?.pieces.map((piece) => {
    if (piece.kind === 'headline') return `${piece.mark}: ${piece.text}`;
    if (piece.kind === 'commands') return `${piece.title} $ ${piece.commands.join('\n')}`;
    if (piece.kind === 'steps') return piece.summary;
    if (piece.kind === 'buttons') return piece.menu.map(({ label }) => label).join(' | ');
    return 'text' in piece && typeof piece.text !== 'string' ? words(piece.text) : piece.kind;
  });

describe('a card', () => {
  it.each(readdirSync('test/cases'))('of %s has at most twelve lines on a phone, and a menu', async (name) => {
    const [card] = threadOf(await runOf(name));
    const lines = card?.pieces.reduce((sum, piece) => sum + linesOf(piece), 0);
    expect(lines).toBeLessThanOrEqual(MAX_LINES);
    expect(card?.pieces.filter(({ kind }) => kind === 'buttons')).toHaveLength(1);
  });

  it.each(readdirSync('test/cases'))('of %s shows no command that changes something without all that it risks', async (name) => {
    const run = await runOf(name);
    const [card] = threadOf(run);
    const [command] = card?.pieces.flatMap((piece) => (piece.kind === 'commands' ? piece.commands : [])) ?? [];
    const fix = reportOf(run, { kubernetes: 0, registry: 0 }).remediation[0]?.commands[0];
    if (command === undefined || fix?.effect !== 'changes') return;
    expect(command).toBe(fix.run);
    expect(card?.text).toContain(fix.risk.replace(/^changes /, ''));
  });

  it('says while a run goes on what is being done, in one line', () => {
    const before = runObject({ id: 'r' });
    const at = '2026-03-01T10:10:00Z';
    const run = ['read-pull-events', 'list-pull-failures'].reduce(
      (known, stepId) => applyEvent(known, { type: 'step-started', stepId, attempt: 1, delayMs: 0, at }),
      before,
    );
    expect(shown(threadOf(run)[0])).toEqual([
      'running: Looking into shop/web-0',
      "Read the pod's events and status · Look for other pods that fail alike · 0 of 7 checks done · prod",
    ]);
  });

  it('says what is wrong, how sure, how far and since when, why, what to do, and where it looked', async () => {
    expect(shown(threadOf(await runOf('made-repository-not-found'))[0])).toEqual([
      'wrong: registry.example has no repository shop/web',
      'repository-not-found confirmed · shop/web-0 on node-1 · since Today 12:04 PM · next try Today 12:04 PM',
      'Correct the registry or repository in the image $ kubectl set image -n shop deployment/web app=<corrected image>',
      'Changes: starts a rollout that replaces its pods; a tool that applies the manifests takes it back',
      'Run again | Show raw | Wrong verdict … | Cause page',
      'prod · 7 of 7 checks · Today 12:04 PM',
    ]);
  });

  it('counts the pods that fail alike', async () => {
    expect(shown(threadOf(await runOf('deploy-3'))[0])?.[1]).toContain('3 pods of Deployment lab/deploy-3 on lab-node-1');
  });

  it('names the checks that failed', async () => {
    expect(shown(threadOf(await runOf('disk-full'))[0])?.at(-1)).toContain('read-node and read-kubelet failed, why in the thread');
  });

  it('is unsure where a cause is merely possible, or two in one, and says what would settle it', async () => {
    const possible = shown(threadOf(await runOf('healthy'))[0]);
    expect(possible?.[0]).toMatch(/^unsure: /);
    expect(possible?.find((text) => text.startsWith('To settle it: '))).toContain('(commands in the thread)');
    expect(shown(threadOf(await runOf('made-private-or-missing-on-docker-hub'))[0])?.[0]).toMatch(
      /^unsure: .* does not say whether it exists/,
    );
  });

  it('is fine where nothing is wrong with an image, and links to no cause then', async () => {
    const card = shown(threadOf(await runOf('crashloop'))[0]);
    expect(card?.[0]).toBe('unsure: Images are fine: container app exits with code 3 (12 restarts)');
    expect(card).toContain('Run again | Show raw | Wrong verdict …');
  });

  it('says which run it is about, where there were more', async () => {
    const run = await runOf('deploy-3');
    expect(shown(threadOf(run, 2)[0])?.at(-1)).toContain(' · run 2 · ');
  });

  it('of an incident that is a part of another one says so, with a link and how many are counted there, and no more', async () => {
    const other = incidentObject({
      id: 'o',
      pod: 'web-7',
      outcome: { runId: 'r', cause: 'tag-not-found', title: 'No tag 9', confidence: 'confirmed', at: '2026-03-01T10:10:00Z' },
    });
    const joined = { incident: other, url: 'https://chat.example/C1/7', pods: 3 };
    const run = await runOf('made-repository-not-found');
    const [card] = threadFor(incidentObject({ id: 'i', cluster: 'prod', joined: 'o' }), [run], { runbook, docsUrl, total: 1, joined });
    expect(shown(card)).toEqual([
      'joined: Same cause as shop/web-7',
      'No tag 9 · 3 pods counted there, shop/web-0 among them',
      'Run again | Show raw | Wrong verdict … | Cause page',
      'prod · Today 12:04 PM',
    ]);
    expect(card?.text).toContain('No tag 9 (https://chat.example/C1/7)');
  });

  it('names no other namespace to a channel that may not know of it', async () => {
    const other = incidentObject({ id: 'o', namespace: 'payments', places: [{ channel: 'C9' }] });
    const joined = { incident: other, url: 'https://chat.example/C9/7', pods: 3 };
    const run = await runOf('made-repository-not-found');
    const [card] = threadFor(incidentObject({ id: 'i', joined: 'o' }), [run], { runbook, total: 1, joined });
    expect(shown(card)?.[0]).toBe('joined: Same cause as another incident');
    expect(card?.text).not.toContain('payments');
  });

  it('counts what belongs to its incident where that is more than its run saw, without naming other namespaces', async () => {
    const run = await runOf('made-repository-not-found');
    const members = { pod: 1_204, workload: 1, node: 6, namespace: 1, failing: 1_204, pulled: 0 };
    const factsOf = (given: Partial<typeof members>, life: Incident['life'] = { status: 'open' }) =>
      shown(threadFor(incidentObject({ id: 'i', life }), [run], { runbook, total: 1, members: { ...members, ...given } })[0])?.[1];
    expect(factsOf({})).toContain(' · 1,204 pods of Deployment shop/web on 6 nodes · since ');
    expect(factsOf({ workload: 9, namespace: 3, failing: 7 })).toContain(
      ' · 1,204 pods of 9 workloads on 6 nodes in 3 namespaces, 7 still failing · ',
    );
    expect(factsOf({ pod: 1, failing: 0 })).toContain(' · shop/web-0 on node-1 · ');
    const back = { status: 'reopened', at: '2026-03-01T10:12:00Z', resolvedAt: '2026-03-01T10:00:00Z' } as const;
    expect(factsOf({}, back)).toContain(' · back after 12 min · ');
  });

  it('is green and short once its pods recovered, says what was seen to change, and so does a line of the thread', async () => {
    const run = await runOf('made-repository-not-found');
    const outcome = {
      runId: run.id,
      cause: 'x',
      title: 'registry.example has no repository shop/web',
      confidence: 'confirmed',
      at: run.startedAt,
    };
    const threadOfEnd = (pods: number, pulled: number, changes: Change[] = []) => {
      const life = { status: 'resolved', at: '2026-03-01T10:26:10Z', by: { kind: 'recovery', pods, pulled, changes } } as const;
      return threadFor(incidentObject({ id: 'i', since: '2026-03-01T10:10:00Z', outcome, life }), [run], { runbook, docsUrl, total: 1 });
    };
    const thread = threadOfEnd(14, 14, [
      { what: 'image', workload: 'Deployment shop/web', image: 'registry.example/shop/web:2' },
      { what: 'secret', name: 'regcred', at: '2026-03-01T10:20:00Z' },
    ]);
    expect(shown(thread[0])).toEqual([
      'fine: Resolved by itself: 14 pods pulled · failed for 16 min',
      'It was: registry.example has no repository shop/web. Deployment shop/web now asks for registry.example/shop/web:2. Pull secret regcred was made in between.',
      'Run again | Show raw | Wrong verdict … | Cause page',
      'test · Today 12:04 PM',
    ]);
    expect(thread.at(-1)).toMatchObject({ inThread: true, text: 'Resolved by itself: 14 pods pulled · failed for 16 min' });
    const first = (thread: readonly Message[]) => shown(thread[0])?.[0];
    expect(first(threadOfEnd(1, 0))).toBe('fine: Resolved by itself: the pod is gone · failed for 16 min');
    expect(first(threadOfEnd(14, 3))).toBe(
      'fine: Resolved by itself: none of 14 pods fails any more, 3 of them seen to pull · failed for 16 min',
    );
  });

  it('of pods beyond what a namespace may have says that nobody looked, and where all reasons are', () => {
    const incident = incidentObject({ id: 'i', cluster: 'prod', namespace: 'tenant', pod: '', overflow: { image: 'r7.example/x:1' } });
    const members = { pod: 9_995, workload: 9_000, node: 3, namespace: 1, failing: 9_995, pulled: 0 };
    expect(threadFor(incident, [], { runbook, total: 0, members }).map(shown)).toEqual([
      [
        'wrong: 9,995 more pods of tenant cannot pull, for other reasons',
        '9,000 workloads on 3 nodes · since Today 12:04 PM',
        'tenant has as many incidents of its own as it may have, so these are counted and not looked into. One of them asks for r7.example/x:1. For all reasons: scan tenant in prod',
        'prod',
      ],
    ]);
  });

  it('links to the page on the cause only where there is one to link to', async () => {
    const run = await runOf('deploy-3');
    const menuOf = (thread: readonly Message[]) => thread[0]?.pieces.flatMap((piece) => (piece.kind === 'buttons' ? piece.menu : []));
    expect(menuOf(threadOf(run))).toContainEqual({ label: 'Cause page', url: 'https://docs.example/causes/tag-not-found.md' });
    const without = threadFor(incidentObject({ id: 'i' }), [run], { runbook, total: 1 });
    expect(menuOf(without)?.map(({ label }) => label)).toEqual(['Run again', 'Show raw', 'Wrong verdict …']);
  });

  it('has an entry for the page of its incident where there are pages, and no more entries than a chat has room for', async () => {
    const run = await runOf('deploy-3');
    const labels = (incident: Incident) =>
      threadFor(incident, [run], { runbook, docsUrl, hasPages: true, total: 1 })[0]?.pieces.flatMap((piece) =>
        piece.kind === 'buttons' ? piece.menu.map(({ label }) => label) : [],
      );
    expect(labels(incidentObject({ id: 'i' }))).toEqual(['Run again', 'Show raw', 'Wrong verdict …', 'Incident page', 'Cause page']);
    expect(labels(incidentObject({ id: 'i', trigger: { kind: 'watch' } }))).toEqual([
      'Run again',
      'Show raw',
      'Wrong verdict …',
      'Silence …',
      'Incident page',
    ]);
  });

  it('has its evidence and its commands in a reply each, and every command of a fix in the latter', async () => {
    const run = await runOf('made-tag-not-found');
    const [, evidence, commands, ...more] = threadOf(run);
    expect(more).toEqual([]);
    expect(evidence).toMatchObject({ key: `evidence.${run.id}`, inThread: true, text: expect.stringMatching(/^Evidence\n/) });
    expect(commands).toMatchObject({ key: `commands.${run.id}`, inThread: true, text: expect.stringMatching(/^Commands\n/) });
    for (const { commands: all } of run.conclusion?.remediation ?? [])
      for (const { run: command } of all) expect(commands?.text).toContain(command.split('\n')[0]);
  });
});

describe('a text of so many lines', () => {
  it('has whole sentences, else the beginning of the first', () => {
    const long = `${'word '.repeat(30)}end.`;
    expect(withinLines(['One.', 'Two.'], 1)).toBe('One. Two.');
    expect(withinLines([long, 'Short.'], 1)).toBe('Short.');
    expect(withinLines([long], 1)).toBe('');
    expect(withinLines([long], 2)).toMatch(/^(?:word )+word…$/);
    expect(withinLines([], 3)).toBe('');
  });
});

describe('a scan for one person', () => {
  const container = (pod: string): FailingContainer => ({
    namespace: 'shop',
    pod,
    container: 'app',
    image: 'registry.example/shop/web:1',
    node: 'node-1',
    workload: 'Deployment/web',
    pullSecrets: [],
    message: 'not found',
  });
  const scan = (groups: number): Scan => ({
    groups: Array.from({ length: groups }, (_, n) => ({
      fingerprint: `f${n}`,
      cause: 'tag-not-found',
      family: 'image',
      confidence: 'likely',
      title: `registry.example has no tag ${n} of shop/web`,
      containers: [container(`web-${n}-a`), container(`web-${n}-b`)],
    })),
    lookedAt: { pods: 900, nodes: 40, where: 'the cluster', complete: true },
    shortfalls: [],
  });

  it('shows the largest groups with a button each, and says how many groups and pods it does not show', () => {
    const { pieces } = scanMessage(scanned(scan(37)), 'prod');
    expect(pieces[0]).toMatchObject({ mark: 'wrong', text: '74 pods cannot pull their images, for 37 reasons. The 8 largest:' });
    const choices = pieces.filter((piece) => piece.kind === 'choice');
    expect(choices).toHaveLength(8);
    expect(choices[0]?.button).toEqual({ action: 'diagnose', label: 'Diagnose', about: { kind: 'pod', id: 'prod/shop/web-0-a' } });
    expect(pieces.map((piece) => (piece.kind === 'note' ? words(piece.text) : ''))).toContain(
      '29 more reasons with 58 more pods: imagepull scan in a terminal shows all; naming a namespace narrows it.',
    );
  });

  it('says that nothing fails, and how much was looked at', () => {
    const { text } = scanMessage(scanned(scan(0)), 'prod');
    expect(text).toBe('No pull fails\n900 pods on 40 nodes in the cluster');
  });
});
