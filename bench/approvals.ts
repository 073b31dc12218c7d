/** What approvals cost: the status of a plan with many decisions, and the way from a click to its acknowledgement and to the API server. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Decision } from '../src/approval/decision.ts';
import { planDigest } from '../src/approval/plan.ts';
import { statusOf } from '../src/approval/status.ts';
import { sha256 } from '../src/signing/ed25519.ts';
import { questionOf } from '../test/support/approvals.ts';
import { type IncidentCard, PEOPLE, type RemedyService, remedyService } from '../test/support/remedy-service.ts';

type Say = (name: string, value: string) => void;

const DECISIONS = 1_000;
const STATUSES = 200;
const CLICKS = 200;
const PLANS = 10;

export async function approvals(say: Say): Promise<void> {
  statusOfMany(say);
  const world = await remedyService({ failing: 1, until });
  const bare = await quantilesOf(CLICKS, () => roundTrip(world.cluster.server.url));
  const incident = await proposed(world);
  const acks = await quantilesOf(
    CLICKS,
    async () => void (await world.slack.click({ user: PEOPLE.mallory, message: incident.card, label: 'Review …' })),
  );
  say(
    'click to acknowledgement, p50 and p99',
    `${acks.p50.toFixed(1)} and ${acks.p99.toFixed(1)} ms, ${ratio(acks.p99, bare.p99)} x an HTTP round trip`,
  );
  await world.stop();
  const writes: number[] = [];
  for (let plan = 0; plan < PLANS; plan++) writes.push(await clickToWrite());
  const median = writes.toSorted((a, b) => a - b)[Math.floor(PLANS / 2)] ?? Number.NaN;
  say('approving click to the write at the API server', `${median.toFixed(0)} ms, ${ratio(median, bare.p50)} x an HTTP round trip`);
}

/** Beside the hash of the plan alone, since nothing that is decided can do without it. */
function statusOfMany(say: Say): void {
  const question = questionOf({ plan: { remedy: 'set-image', cluster: 'prod', namespace: 'shop', risk: 'medium' } });
  const { proposal } = question;
  const digest = planDigest(proposal, sha256);
  const decisions = Array.from({ length: DECISIONS }, (_, index): Decision => {
    const by = { organisation: question.policy.organisation ?? '', user: `U${String(index).padStart(9, '0')}` };
    return {
      kind: 'approve',
      id: randomBytes(8).toString('hex'),
      planDigest: digest,
      by,
      at: proposal.plan.proposedAt,
      full: true,
      groups: [],
    };
  });
  const members = { full: decisions.map(({ by }) => by.user), groups: {} };
  const many = { ...question, decisions, members: { proposed: members, now: members } };
  const [whole, none] = [millisecondsOf(() => statusOf(many, sha256)), millisecondsOf(() => statusOf({ ...many, decisions: [] }, sha256))];
  say(`status of a plan with ${DECISIONS} decisions`, `${whole.toFixed(2)} ms, ${ratio(whole, none)} x one with none`);
}

function millisecondsOf(work: () => unknown): number {
  for (let warm = 0; warm < STATUSES / 4; warm++) work();
  const start = performance.now();
  for (let round = 0; round < STATUSES; round++) work();
  return (performance.now() - start) / STATUSES;
}

async function proposed(world: RemedyService): Promise<IncidentCard> {
  const incident = await world.diagnose();
  await incident.click(PEOPLE.ann, 'Roll back');
  await incident.says(/has 0/);
  return incident;
}

/** From the submission of the window until the request that changes the cluster has arrived. */
async function clickToWrite(): Promise<number> {
  const world = await remedyService({ failing: 1, until });
  const { server } = world.cluster;
  const incident = await proposed(world);
  const views = world.slack.workspace.views.length;
  await incident.click(PEOPLE.bob, 'Review …');
  while (world.slack.workspace.views.length === views) await pause(1);
  const isWrite = (line: string) => line.startsWith('PATCH') && !line.includes('dryRun');
  const start = performance.now();
  await world.slack.submit({ user: PEOPLE.bob, view: views, values: {} });
  while (!server.requests.some(isWrite)) await pause(1);
  const took = performance.now() - start;
  await world.stop();
  return took;
}

async function quantilesOf(times: number, work: () => Promise<void>): Promise<{ readonly p50: number; readonly p99: number }> {
  const all: number[] = [];
  for (let round = 0; round < times; round++) {
    const start = performance.now();
    await work();
    all.push(performance.now() - start);
  }
  const sorted = all.sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function roundTrip(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/version`, (response) => response.resume().on('end', resolve));
    sent.on('error', reject).end();
  });
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(1);
}

/** Tries again until nothing is thrown. */
async function until(check: () => void): Promise<void> {
  for (;;) {
    try {
      return check();
    } catch {
      // It does not hold yet.
      await pause(2);
    }
  }
}
