import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planCard } from '../../src/report/card/plan-card.ts';
import { slackMessage } from '../../src/slack/blocks.ts';
import { planChoiceView } from '../../src/slack/views/plan-choice.ts';
import { planReviewView } from '../../src/slack/views/plan-review.ts';
import { HIDDEN } from '../../src/text/printable.ts';
import { BAD, put } from './applications.ts';
import { perform } from './journey.ts';
import { CHANNEL, type PlanWorld, planWorld, WHO } from './plan-world.ts';

let world: PlanWorld;
let count = 0;
beforeAll(async () => {
  world = await planWorld();
});
afterAll(() => world.stop());

const newApp = () => `author-${++count}`;
const PRIVATE = 'registry.example/production/api';
/** What somebody might write into whatever of a pod takes any text. */
const MARKUP = '<!channel> <@U0MALLORY> <https://evil.example|click here> *bold* `code` ```fence``` @here &lt;!channel&gt;';
/** Marks of direction, what shows nothing, fillers, tags, selectors, breaks of lines. */
const UNSEEN = [
  '\u202e',
  '\u2066',
  '\u061c',
  '\u200b',
  '\u200d',
  '\u2060',
  '\u00ad',
  '\u034f',
  '\u115f',
  '\u3164',
  '\ufe0f',
  '\u{e0041}',
  '\u2028',
  '\ufeff',
];

/** The card and the window of a plan as Slack is sent them. */
async function shown(app: string, planId: string) {
  const gateway = world.gateway();
  const [record, standing] = [await world.store.plans.read(planId), await world.standing(planId)];
  const incident = await world.store.incidents.read(`incident-${app}`);
  const pieces = planCard(incident, { record, standing }, []) ?? [];
  const card = slackMessage({ key: 'card', inThread: false, pieces, text: 'card' });
  if (!('digest' in standing)) throw new Error(`there is nothing to decide about: ${JSON.stringify(standing)}`);
  const person = { user: WHO.bob, channel: CHANNEL };
  const review = await gateway.desk.review({ person, planId, digest: standing.digest, opens: 'approve' });
  if (review.status !== 'open') throw new Error(review.says);
  return { card, window: planReviewView(review) };
}

/** A plan to roll back an application whose image and whose verdict say this; what is shown of it. */
async function planOver(text: string) {
  const app = newApp();
  await world.application(app, `${BAD}${text}`);
  await world.store.runs.update(`run-${app}`, (run) =>
    run.conclusion === undefined ? run : { ...run, conclusion: { ...run.conclusion, title: `No such tag: ${text}` } },
  );
  const { desk } = world.gateway();
  const asked = { person: { user: WHO.ann, channel: CHANNEL }, incidentId: `incident-${app}`, remedy: 'roll-back' as const };
  const result = await desk.propose(asked);
  if (result.status !== 'noted') throw new Error(JSON.stringify(result));
  await perform(world);
  return { app, planId: result.planId };
}

/** Every text that Slack would read as markup; what stands in preformatted blocks it does not. */
function markupIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(markupIn);
  if (typeof value !== 'object' || value === null) return [];
  const { type, text, ...rest } = value as Readonly<Record<string, unknown>>;
  if (type === 'rich_text_preformatted') return [];
  return [...(type === 'mrkdwn' && typeof text === 'string' ? [text] : markupIn(text)), ...markupIn(Object.values(rest))];
}

/** Every text that people see. */
function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const { private_metadata: _, ...seen } = value as Readonly<Record<string, unknown>>;
  return textsIn(Object.values(seen));
}

describe('who may create pods and nothing else', () => {
  it('mentions nobody and links nowhere, in the card and the window of a plan', async () => {
    const { app, planId } = await planOver(MARKUP);
    const { card, window } = await shown(app, planId);
    const markup = markupIn([card.blocks, window]).join('\n');
    expect(markup).toContain('No such tag');
    // People that the gateway itself names are mentioned; of what was written into the pod nothing is.
    expect(markup).not.toMatch(/<!(?!date\^)|<@U0MALLORY>|<http/);
    expect(card.text).not.toMatch(/<!(?!date\^)|<@U0MALLORY>|<http/);
    const verbatim = textsIn(window).filter((text) => text.includes('evil.example'));
    expect(verbatim.length).toBeGreaterThan(0);
  });

  it.each(UNSEEN.map((sign) => [`U+${sign.codePointAt(0)?.toString(16)}`, sign] as const))(
    'hides nothing by %s: a mark stands where it was',
    async (_, sign) => {
      const { app, planId } = await planOver(`${sign}gpj.1${sign}`);
      const { card, window } = await shown(app, planId);
      const texts = textsIn([card.text, card.blocks, window]);
      // A word joiner is our own: it keeps signs from being read as markup.
      expect(texts.map((text) => text.replaceAll('\u2060', '')).filter((text) => new RegExp(HIDDEN, 'u').test(text))).toEqual([]);
      expect(texts.join('\n')).toContain('\ufffd');
    },
  );

  it('is shown no tag of a repository that their own secrets do not open', async () => {
    world.hidden.add(PRIVATE);
    const app = newApp();
    const incidentId = await world.application(app, `${PRIVATE}:2`);
    // Production's login is in the cluster, in a namespace that is not theirs.
    const login = { auths: { 'registry.example': { auth: Buffer.from('robot:canary').toString('base64') } } };
    put(world.cluster.store, 'Secret', {
      metadata: { name: 'production', namespace: 'production' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify(login)).toString('base64') },
    });
    const executor = world.executor();
    world.queue.answer = (question) => executor.perform(question as Parameters<typeof executor.perform>[0]);
    const { desk } = world.gateway();
    const person = { user: WHO.ann, channel: CHANNEL };
    const choosing = await desk.propose({ person, incidentId, remedy: 'set-image' });
    if (choosing.status !== 'choose') throw new Error(choosing.status);
    const found = await desk.choices(choosing);
    expect(found).toEqual({ status: 'found', choices: [] });
    // Nor is a plan made for who names a tag and digest that they know from elsewhere.
    const chosen = { tag: '3', digest: world.digestOf(`${PRIVATE}:3`) };
    const result = await desk.propose({ person, incidentId, remedy: 'set-image', chosen });
    if (result.status !== 'noted') throw new Error(result.status);
    await perform(world);
    const { closed, proposal } = await world.store.plans.read(result.planId);
    expect(proposal).toBeUndefined();
    expect(closed?.says).toMatch(/registry refuses .*asked anonymously/);
  });

  it('has no other repository set than that of the container', async () => {
    const app = newApp();
    const incidentId = await world.application(app, BAD);
    const { desk } = world.gateway();
    const chosen = { tag: '3', digest: world.digestOf(`${PRIVATE}:3`) };
    const person = { user: WHO.ann, channel: CHANNEL };
    const result = await desk.propose({ person, incidentId, remedy: 'set-image', chosen });
    if (result.status !== 'noted') throw new Error(result.status);
    await perform(world);
    // The digest is that of another repository, so the tag is not what was chosen.
    expect((await world.store.plans.read(result.planId)).closed?.says).toContain('no longer');
  });

  it('is offered nothing that has a name of a megabyte in it', async () => {
    const app = newApp();
    const incidentId = await world.application(app, `registry.example/${'x'.repeat(1_000_000)}:1`);
    const { desk } = world.gateway();
    for (const remedy of ['set-image', 'roll-back'] as const) {
      const person = { user: WHO.ann, channel: CHANNEL };
      const result = await desk.propose({ person, incidentId, remedy });
      expect(result).toMatchObject({ status: 'refused', code: 'plan/not-offered' });
    }
  });

  it('is given a window over what can be chosen that shows their names as they are', () => {
    const context = { incident: 'i', remedy: 'set-image', channel: CHANNEL, digests: {} } as const;
    const view = planChoiceView(context, { image: `x${MARKUP}${UNSEEN.join('')}`, choices: [] });
    expect(markupIn(view).join('\n')).not.toMatch(/<!|<@|<http/);
  });
});
