import type { Incident } from '../incident/incident.ts';
import type { Inline } from '../incident/message.ts';
import { commandGroups } from '../report/command-groups.ts';
import { distinctFindings, evidenceSource, isNewEvidence, MARKS } from '../report/evidence.ts';
import { clock } from '../report/layout.ts';
import { openItems } from '../report/open-items.ts';
import { type Report, reportOf } from '../report/report.ts';
import { textParts } from '../report/text-parts.ts';
import { count, list, sentence } from '../text/wording.ts';
import type { Block, Contents, Section, Words } from './blocks.ts';
import { decisionBlocks } from './decisions.ts';
import type { Dossier } from './dossier.ts';
import { endOf, recoveryBlocks } from './recovery.ts';
import { imageOf, scopeTable } from './scope-cells.ts';
import { timelineOf } from './timeline.ts';

/** A page does not tell requests. */
const NONE = { kubernetes: 0, registry: 0 };

/** What the page of an incident says. People are called by what the dossier knows of them. */
export function contentsOf(dossier: Dossier): Contents {
  const { incident, runs } = dossier;
  const run = runs.findLast(({ conclusion }) => conclusion !== undefined);
  const report = run && reportOf(run, NONE);
  const sections: readonly Section[] = [
    { id: 'summary', title: 'Summary', blocks: [{ kind: 'facts', rows: factRows(dossier, report) }] },
    { id: 'verdict', title: 'Verdict', blocks: report ? verdictBlocks(report) : [paragraph(noVerdict(incident))] },
    { id: 'scope', title: 'How far it reaches', blocks: scopeBlocks(dossier, report) },
    { id: 'timeline', title: 'Timeline', blocks: [{ kind: 'timeline', entries: timelineOf(dossier) }] },
    { id: 'decisions', title: 'Decisions', blocks: decisionBlocks(dossier) },
    { id: 'recovery', title: 'Recovery', blocks: recoveryBlocks(dossier) },
    ...(report && report.remediation.length > 0
      ? [{ id: 'advice', title: 'What to do about this cause', blocks: adviceBlocks(report) }]
      : []),
    ...(report ? wordForWord(report) : []),
  ];
  return withNames(
    {
      title: incident.overflow
        ? `More pods of ${incident.namespace} that cannot pull`
        : (report?.title ?? `${incident.namespace}/${incident.pod}`),
      status: statusOf(incident),
      sections: sections.filter(({ blocks }) => blocks.length > 0),
      foot: [`Incident ${incident.id}, read `, { kind: 'time', at: dossier.at.toISOString() }],
    },
    dossier.people,
  );
}

function paragraph(...text: Words): Block {
  return { kind: 'paragraph', text };
}

function noVerdict({ overflow }: Incident): string {
  return overflow
    ? 'This incident counts the pods of its namespace beyond what may have incidents of their own. Nobody looked for their causes.'
    : 'No diagnosis has ended yet.';
}

function statusOf(incident: Incident): Contents['status'] {
  const { life, openedAt } = incident;
  switch (life.status) {
    case 'open':
      return { mark: 'open', text: ['since ', time(openedAt)] };
    case 'reopened':
      return { mark: 'open', text: ['again since ', time(life.at)] };
    case 'resolved':
      return { mark: 'ended', text: [time(life.at)] };
    default:
      return life satisfies never;
  }
}

function time(at: string): Inline {
  return { kind: 'time', at };
}

function factRows(dossier: Dossier, report: Report | undefined): readonly (readonly [string, Words])[] {
  const { incident, runs, docsUrl } = dossier;
  const { cluster, namespace, pod, workload, since, care, disputed, outcome } = incident;
  const image = runs.flatMap((run) => imageOf(run) ?? []).at(-1) ?? incident.overflow?.image;
  const cause = report?.verdict.cause;
  const end = endOf(dossier);
  return [
    ...(report && cause != null
      ? [['Cause', [{ kind: 'code', text: cause }, `, ${report.verdict.confidence}`, ...causeLink(cause, docsUrl)]] as const]
      : []),
    ['Cluster', [cluster]],
    [
      incident.overflow ? 'Namespace' : 'Pod',
      incident.overflow ? [namespace] : [{ kind: 'code', text: `${namespace}/${pod}` }, ` of ${workload}`],
    ],
    ...(image === undefined ? [] : [['Image', [{ kind: 'code', text: image }]] as const]),
    ...(since === undefined ? [] : [['Failing since', [time(since)]] as const]),
    ['Opened', [time(incident.openedAt)]],
    ...(outcome === undefined ? [] : [['Verdict', [time(outcome.at)]] as const]),
    ...(incident.life.status === 'resolved'
      ? [['Ended', [time(incident.life.at), ...(end === undefined ? [] : [`. ${sentence(end)}`])]] as const]
      : []),
    ...(care === undefined ? [] : [['Taken care of by', [{ kind: 'mention', id: care.by }]] as const]),
    ...(disputed === undefined ? [] : [['Disputed by', [{ kind: 'mention', id: disputed.by }]] as const]),
    ...(incident.joined === undefined ? [] : [['Part of', ['another incident, with the same cause; what follows is told there']] as const]),
  ];
}

function causeLink(cause: string, docsUrl: string | undefined): Words {
  return docsUrl === undefined ? [] : [' (', { kind: 'link', url: `${docsUrl}/${cause}.md`, text: 'page on this cause' }, ')'];
}

const LABELS: Readonly<Record<string, string>> = {
  '+': 'What speaks for it',
  '-': 'What speaks against it',
  '·': 'Worth knowing beside it',
};

function verdictBlocks(report: Report): readonly Block[] {
  const { verdict, means } = report;
  const { shortfalls, questions, tried } = openItems(report);
  const unchecked = [...shortfalls, ...questions.map(({ says }) => says), ...tried].map((text): Words => [prose(text)]);
  const others = verdict.alternatives.map(({ cause, confidence }) => `${cause} (${confidence})`);
  return [
    ...(means === null ? [] : [paragraph(means)]),
    ...MARKS.flatMap(([mark, sentencesOf]): readonly Block[] => {
      const items = sentencesOf(report).map((says): Words => [sentence(says)]);
      return items.length === 0 ? [] : [{ kind: 'points', label: LABELS[mark] ?? mark, items }];
    }),
    ...(verdict.cause !== null && verdict.against.length === 0 ? [paragraph('Nothing that was found speaks against it.')] : []),
    ...(others.length === 0 ? [] : [paragraph(`Other causes that the findings leave open: ${list(others, 8)}.`)]),
    unchecked.length === 0
      ? paragraph('Every check that could tell more was made.')
      : { kind: 'points', label: 'What could not be checked', items: unchecked },
  ];
}

/** What is to be copied stands behind a sentence without a break. */
function prose(text: string): string {
  return textParts(text)
    .map((part) => part.text.replaceAll('\n', ' '))
    .join(' ');
}

function scopeBlocks(dossier: Dossier, report: Report | undefined): readonly Block[] {
  const { pods } = dossier;
  const scope = report?.scope;
  const table = scopeTable(dossier);
  const more = pods.isAll ? '' : ' or more';
  return [
    ...(scope ? [paragraph([scope.says, ...scope.counterexamples].map(sentence).join(' '))] : []),
    ...(pods.total > 0
      ? [
          paragraph(
            `${count(pods.total, 'pod')} ${pods.total === 1 ? 'belongs' : 'belong'} to this incident so far: ${pods.failing.length}${more} could not pull when last seen, ${pods.pulled.length}${more} had pulled since.`,
          ),
        ]
      : []),
    table.rows.length === 0 ? paragraph('Which pods failed on which node is not known, so there is no picture.') : { kind: 'scope', table },
    ...(scope ? [paragraph(`Looked at for this: ${scope.lookedAt}. Of nodes and workloads without a mark nothing is known.`)] : []),
  ];
}

function adviceBlocks({ remediation, prevention }: Report): readonly Block[] {
  return [
    ...remediation.flatMap(({ title, commands, manifest }): readonly Block[] => [
      paragraph({ kind: 'strong', text: title }),
      ...(manifest === undefined ? [] : [{ kind: 'verbatim', label: 'In the manifest', text: manifest.join('\n') } as const]),
      ...commandGroups(commands).map(({ label, commands: runs }): Block => ({ kind: 'verbatim', label, text: runs.join('\n') })),
    ]),
    ...(prevention === null ? [] : [paragraph({ kind: 'strong', text: 'Prevention: ' }, prevention)]),
  ];
}

/** More texts than these are left out. */
const MAX_TEXTS = 20;

/** What runtime, registry and cluster said about the findings of the verdict, each text once. */
function wordForWord(report: Report): readonly Section[] {
  const shown = new Set<string>();
  const said = MARKS.flatMap(([, sentencesOf]) => distinctFindings(report, sentencesOf(report))).flatMap((finding) =>
    finding.evidence.filter((item) => isNewEvidence(item, shown, finding)),
  );
  const blocks = said.slice(0, MAX_TEXTS).map((item): Block => {
    const times = item.times === undefined ? '' : `, seen ${count(item.times, 'time')}`;
    return { kind: 'verbatim', label: `${evidenceSource(item, report)}, ${clock(item.observedAt)}${times}`, text: item.text };
  });
  const more = said.length - blocks.length;
  return [
    {
      id: 'evidence',
      title: 'Word for word',
      blocks: [...blocks, ...(more > 0 ? [paragraph(`And ${count(more, 'more text')}, by Show raw.`)] : [])],
    },
  ];
}

/** People by what they are called. */
function withNames(contents: Contents, people: Dossier['people']): Contents {
  const named = (text: Words): Words =>
    text.map((part) =>
      typeof part !== 'string' && part.kind === 'mention'
        ? { kind: 'strong', text: Object.hasOwn(people, part.id) ? (people[part.id] ?? part.id) : part.id }
        : part,
    );
  const namedBlock = (block: Block): Block => {
    switch (block.kind) {
      case 'paragraph':
        return { ...block, text: named(block.text) };
      case 'points':
        return { ...block, items: block.items.map(named) };
      case 'facts':
        return { ...block, rows: block.rows.map(([label, text]) => [label, named(text)] as const) };
      case 'table':
        return { ...block, rows: block.rows.map((row) => row.map(named)) };
      case 'timeline':
        return { ...block, entries: block.entries.map((entry) => ({ ...entry, text: named(entry.text) })) };
      case 'verbatim':
      case 'scope':
        return block;
      default:
        return block satisfies never;
    }
  };
  return { ...contents, sections: contents.sections.map((section) => ({ ...section, blocks: section.blocks.map(namedBlock) })) };
}
