import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Incident } from '../../src/incident/incident.ts';
import { contentsOf } from '../../src/incident-page/contents.ts';
import type { Dossier } from '../../src/incident-page/dossier.ts';
import { html, webAddress } from '../../src/incident-page/html.ts';
import { markdownPage } from '../../src/incident-page/markdown.ts';
import { incidentPage, noticePage } from '../../src/incident-page/page.ts';
import { endOf } from '../../src/incident-page/recovery.ts';
import { STRICT } from '../../src/incident-page/serving/answers.ts';
import { timelineOf } from '../../src/incident-page/timeline.ts';
import { diagnoseRecording, recordingOf } from '../support/diagnosis.ts';
import { bigDossier, dossier, memberPod } from '../support/dossiers.ts';
import { concludedRun, incidentObject, runObject } from '../support/incidents.ts';
import { podObject } from '../support/objects.ts';
import { planStates } from '../support/plan-cards.ts';

const pageOf = (given: Dossier) => incidentPage(contentsOf(given), { markdownPath: '/incidents/i.md' });
const markdownOf = (given: Dossier) => markdownPage(contentsOf(given));

/** Everything that comes from outside says this, and some of it more. */
const EVIL = `"><img src=x onerror=alert(1)></title></style><script>alert(1)</script>'\u202e\n# heading\n- [link](javascript:alert(1)) ~~~ \`\`\` | cell @here &lt;b&gt;`;

function evil(): Dossier {
  const run = concludedRun({ id: 'r' }, 'tag-not-found');
  const { conclusion } = run;
  if (!conclusion) throw new Error('there is no conclusion');
  const verdict = {
    ...conclusion.verdict,
    because: [EVIL],
    against: [EVIL],
    context: [EVIL],
    alternatives: [{ cause: EVIL, confidence: 'likely' as const }],
  };
  const finding = {
    code: 'pull-error/tag-not-found',
    says: EVIL,
    evidence: [{ source: 'pod-event', vantage: 'node', observedAt: run.startedAt, text: `said ${EVIL}` }],
  };
  return dossier({
    incident: incidentObject({
      id: 'i',
      cluster: EVIL,
      pod: EVIL,
      workload: `Deployment/${EVIL}`,
      trigger: { kind: 'alert', source: EVIL },
      care: { by: 'U1', since: run.startedAt },
      outcome: { runId: 'r', cause: 'x', title: EVIL, confidence: 'likely', at: run.startedAt },
      life: {
        status: 'resolved',
        at: run.startedAt,
        by: { kind: 'recovery', pods: 1, pulled: 1, changes: [{ what: 'image', workload: EVIL, image: EVIL }] },
      },
    }),
    runs: [
      {
        ...run,
        // Made by hand, as no observation would make it.
        findings: [finding as unknown as (typeof run.findings)[number]],
        shortfalls: [{ stepId: 's', says: EVIL }],
        conclusion: {
          ...conclusion,
          title: EVIL,
          means: EVIL,
          prevention: EVIL,
          verdict,
          remediation: [{ action: 'x', title: EVIL, commands: [{ run: EVIL, effect: 'changes', risk: EVIL }] }],
        },
      },
    ],
    pods: { failing: [memberPod({ pod: 'a', node: EVIL, workload: EVIL })], pulled: [], total: 1, isAll: true },
    people: { U1: EVIL },
    docsUrl: 'javascript:alert(1)//',
  });
}

describe('the page of an incident', () => {
  it('shows as text whatever comes from outside', () => {
    const page = pageOf(evil());
    const bare = page.replace(/<style>[\s\S]*?<\/style>/, '');
    expect(page.match(/<style>/g)).toHaveLength(1);
    expect(bare).not.toMatch(/<script|<img|<\/style|\son[a-z]+="|\u202e/);
    expect(bare).not.toMatch(/href="javascript/);
    expect(bare.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)?.length).toBeGreaterThan(15);
    const tags = [...bare.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, tag = '']) => tag);
    const known =
      'html head meta title body main header p h1 h2 h3 span a section dl dt dd ul li ol div time blockquote pre code strong footer svg desc text g line rect path circle table thead tbody tr th td';
    expect(tags.filter((tag) => !known.split(' ').includes(tag))).toEqual([]);
  });

  it('holds no secret that a message had, as little as the Markdown does', async () => {
    const image = 'registry.example/shop/web:1';
    const message = `Failed to pull image "${image}": HEAD https://robot:canary-password@registry.example/v2/?X-Amz-Signature=canary-signature: Authorization: Bearer canary-token: ${image}: not found`;
    const run = await diagnoseRecording(recordingOf(podObject({ image, waiting: { reason: 'ErrImagePull', message } })));
    const given = dossier({ runs: [run] });
    for (const text of [pageOf(given), markdownOf(given)]) {
      expect(text).toContain('[redacted]@registry.example');
      expect(text).not.toContain('canary');
    }
  });

  it('holds one stylesheet, which the policy of the server lets through, and nothing else of the kind', async () => {
    const page = pageOf(await bigDossier());
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    expect(STRICT['content-security-policy']).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(page).not.toMatch(/\sstyle="|<link|src=/);
  });

  it('has a heading for each section, labels for phones, and the picture in words beside it', async () => {
    const page = pageOf(await bigDossier());
    const headings = [...page.matchAll(/<h2 id="([^"]+)">/g)].map(([, id]) => id);
    expect(headings).toEqual(['summary', 'verdict', 'scope', 'timeline', 'decisions', 'recovery', 'advice', 'evidence']);
    for (const id of headings) expect(page).toContain(`aria-labelledby="${id}"`);
    expect(page).toContain('The picture in words');
    expect(page).toContain('<a href="https://docs.example/causes/tag-not-found.md" rel="noreferrer">');
    expect(page).toContain('<strong>Ann Lee</strong>');
  });

  it('says of an incident without a verdict, a picture or a plan that there is none', () => {
    const page = pageOf(dossier({ runs: [runObject({ id: 'r' })] }));
    expect(page).toContain('No diagnosis has ended yet.');
    expect(page).toContain('Which pods failed on which node is not known, so there is no picture.');
    expect(page).toContain('No plan was made here.');
    expect(page).not.toContain('<svg');
  });
});

describe('the page as Markdown', () => {
  it('lets nothing from outside become a heading, a list, a link, a tag, a mention or a fence', () => {
    const markdown = markdownOf(evil());
    // What is in fences and in code is shown as it stands.
    const prose = markdown.replaceAll(/^( *)(`{3,})[^\n]*\n[\s\S]*?\n\1\2$/gm, '').replaceAll(/(?<!\\)`[^`\n]*`/g, '');
    expect(prose).not.toMatch(/(?<!\\)<(?!https?:)|(?<!\\)\[link|(?<!\\)@here|(?<!\\)~~~|(?<!\\)```|\u202e/);
    expect(prose.match(/^#+ .*/gm)?.slice(1)).toEqual([
      '## Summary',
      '## Verdict',
      '## How far it reaches',
      '## Timeline',
      '## Decisions',
      '## Recovery',
      '## What to do about this cause',
      '## Word for word',
    ]);
  });

  it('says the same as the page', async () => {
    const given = await bigDossier();
    const [page, markdown] = [pageOf(given), markdownOf(given)];
    for (const { title } of contentsOf(given).sections) expect(markdown).toContain(`## ${title}`);
    for (const { at } of timelineOf(given)) {
      const shown = `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
      expect(page).toContain(shown);
      expect(markdown).toContain(shown);
    }
    expect(markdown).toContain('- shop/Deployment/checkout: could not pull');
  });
});

describe('the timeline', () => {
  it('is in the order in which things happened, from the first failed pull to the end', async () => {
    const entries = timelineOf(await bigDossier());
    expect(entries.map(({ what }) => what)).toEqual(['failing', 'finding', 'opened', 'finding', 'verdict', 'verdict', 'people', 'ended']);
    expect(entries.map(({ at }) => Date.parse(at))).toEqual(entries.map(({ at }) => Date.parse(at)).toSorted((a, b) => a - b));
  });

  it('tells of each run who wanted it and what came of it, and of one that came back', () => {
    const first = concludedRun({ id: 'a' }, 'tag-not-found');
    const second = runObject({ id: 'b', startedAt: '2026-03-01T10:20:00Z', trigger: { kind: 'rerun', user: 'U7' } });
    const life = { status: 'reopened', at: '2026-03-01T10:19:00Z', resolvedAt: '2026-03-01T10:15:00Z' } as const;
    const texts = timelineOf(dossier({ runs: [first, second], runsLeftOut: 2, incident: incidentObject({ id: 'i', life }) })).map(
      ({ text }) => text.map((part) => (typeof part === 'string' ? part : 'id' in part ? part.id : '')).join(''),
    );
    expect(texts).toEqual([
      'Incident opened: somebody asked',
      'Run 3 of the diagnosis began: U1 asked; it came to: registry.example has no tag 1 of shop/web.',
      'Incident ended',
      'Incident opened again: the same came back',
      'Run 4 of the diagnosis began: U7 asked for another run, and has not ended',
    ]);
  });
});

describe('the end', () => {
  it('is not said to have come by itself where a change has helped', () => {
    const at = '2026-03-01T10:20:00Z';
    const life: Incident['life'] = { status: 'resolved', at, by: { kind: 'recovery', pods: 1, pulled: 1, changes: [] } };
    const incident = incidentObject({ id: 'i', since: '2026-03-01T10:04:00Z', life });
    const helped = (status: 'worked' | 'failed') => {
      const [plan] = Object.values(planStates());
      if (!plan) throw new Error('there is no plan');
      const effect = { status, at, pods: 1, pulled: 1, says: 'It was seen.' };
      return endOf({ incident, plans: [{ ...plan, record: { ...plan.record, effect } }] });
    };
    expect(endOf({ incident, plans: [] })).toBe('Resolved by itself: 1 pod pulled · failed for 16 min');
    expect(helped('failed')).toBe('Resolved by itself: 1 pod pulled · failed for 16 min');
    expect(helped('worked')).toBe('After a change: 1 pod pulled · failed for 16 min');
  });
});

describe('a small page', () => {
  it('has a form that posts to a path, and no more', () => {
    const page = noticePage({ title: '<b>', text: ['<i>'], form: { path: '/incidents/i/open', label: 'Open incident' } });
    expect(page).toContain('<form method="post" action="/incidents/i/open"><button type="submit">Open incident</button></form>');
    expect(page).not.toMatch(/<b>|<i>|<script/);
    expect(noticePage({ title: 'a', text: [] })).not.toContain('<form');
  });
});

describe('markup', () => {
  it('escapes what is filled in, and takes markup as it is', () => {
    const inner = html`<b>${'<&>"'}${"'"}</b>`;
    expect(html`<p title="${'"'}">${inner}${[inner]}${undefined}${3}</p>`.markup).toBe(
      '<p title="&quot;"><b>&lt;&amp;&gt;&quot;&#39;</b><b>&lt;&amp;&gt;&quot;&#39;</b>3</p>',
    );
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'no address', '//host/x', 'file:///etc/passwd'])('makes no link of %s', (url) => {
    expect(webAddress(url)).toBeUndefined();
  });
});
