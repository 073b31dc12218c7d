import { causeWords } from '../../incident/correction.ts';
import { type Incident, isByItself } from '../../incident/incident.ts';
import type { MemberCounts } from '../../incident/members.ts';
import type { Button, Inline, MenuEntry, Message, Piece, StepMark, StepProgress } from '../../incident/message.ts';
import type { Offered } from '../../remedies/offers.ts';
import { isDiagnosing } from '../../runbook/phase.ts';
import { type Run, type StepState, stateOf } from '../../runbook/run.ts';
import type { Runbook } from '../../runbook/runbook.ts';
import { count, duration, list, shortened } from '../../text/wording.ts';
import { plainText } from '../plain-text.ts';
import { type Report, reportOf } from '../report.ts';
import { adviceOf, advicePieces } from './advice.ts';
import { backWords, factsOf, minute } from './facts.ts';
import { overflowCard } from './overflow-card.ts';
import { phoneLines, shortenedToLines, withinLines } from './phone-lines.ts';
import { endedPlanWords, endedWithout, isLookOnly, planCard, planReplies, type ShownPlan, undoOf } from './plan-card.ts';
import { type RelatedIncident, relatedPieces } from './related.ts';
import { commandsOf, evidenceOf } from './replies.ts';
import { endWords, recoveryOf, resolvedCard } from './resolved-card.ts';

/** What a card is made with, besides incident and runs. */
export interface CardOptions {
  readonly runbook: Runbook;
  /** Where the pages on causes are, without a slash at the end; absent: cards link to none. */
  readonly docsUrl?: string | undefined;
  /** True where incidents have pages that can be asked for. */
  readonly hasPages?: boolean | undefined;
  /** How many runs the incident has had. */
  readonly total: number;
  /** What belongs to the incident; absent where nobody counted. */
  readonly members?: MemberCounts | undefined;
  /** Of an incident that is a part of another one: that one. */
  readonly joined?: JoinedIncident | undefined;
  /** The plan of the newest run, and where it stands. */
  readonly plan?: ShownPlan | undefined;
  /** What may be offered to do, as far as remedies are on for the cluster, and why not more. */
  readonly offered?: Offered | undefined;
  /** Incidents that have pods that looked like this one's, or had this one's. */
  readonly related?: readonly RelatedIncident[] | undefined;
}

/** The incident that another one turned out to be a part of. */
export interface JoinedIncident {
  readonly incident: Incident;
  /** Where its card can be read; absent where it has none. */
  readonly url?: string | undefined;
  /** How many pods are counted there. */
  readonly pods: number;
}

/** What people should see of an incident now: one card about its newest run, and below it what is behind each of the finished ones given. */
export function threadFor(incident: Incident, runs: readonly Run[], options: CardOptions): readonly Message[] {
  if (incident.overflow && options.members)
    return [message('card', false, overflowCard(incident, incident.overflow.image, options.members))];
  const newest = runs.at(-1);
  if (!newest) return [];
  const pieces = isDiagnosing(newest) ? runningCard(incident, newest, options.runbook) : endedCard(incident, newest, options);
  const plan = isDiagnosing(newest) ? undefined : options.plan;
  return [
    message('card', false, pieces),
    ...runs.flatMap(repliesOf),
    ...(plan ? planReplies(plan) : []),
    ...(isCarriedOut(plan) ? [] : endReply(incident)),
  ];
}

/** Most lines of a finished card on a phone. */
export const MAX_LINES = 12;
const MAX_TITLE = 125;
const BUTTON_LINES = 1;
/** A card does not tell requests. */
const NONE = { kubernetes: 0, registry: 0 };
/** More names than this are counted. */
const MAX_NAMES = 2;

function repliesOf(run: Run): readonly Message[] {
  if (isDiagnosing(run)) return [];
  const report = reportOf(run, NONE);
  const commands = commandsOf(report);
  return [
    message(`evidence.${run.id}`, true, evidenceOf(report)),
    ...(commands.length > 0 ? [message(`commands.${run.id}`, true, commands)] : []),
  ];
}

/** What a plan has mended did not end by itself: its own outcome is told. */
function isCarriedOut(plan: ShownPlan | undefined): boolean {
  return plan?.record.execution?.status === 'applied' && !isLookOnly(plan);
}

/** An end of its own line, so that the thread tells the story without the card's earlier states. */
function endReply(incident: Incident): readonly Message[] {
  const end = recoveryOf(incident);
  return end ? [message(`resolved.${end.at}`, true, [{ kind: 'headline', mark: 'fine', text: endWords(incident, end) }])] : [];
}

function message(key: string, inThread: boolean, pieces: readonly Piece[]): Message {
  return { key, inThread, pieces, text: plainText(pieces) };
}

function runningCard(incident: Incident, run: Run, runbook: Runbook): readonly Piece[] {
  const { namespace, pod } = run.target;
  const steps = runbook.steps.map((step): StepProgress => {
    const [mark, note] = stepNote(stateOf(run, step.id));
    return { mark, title: step.title, ...(note === undefined ? {} : { note }) };
  });
  const running = steps.filter(({ mark }) => mark === 'running').map(({ title }) => title);
  const wanted = steps.filter(({ mark }) => mark !== 'skipped');
  const made = wanted.filter(({ mark }) => mark === 'done' || mark === 'failed');
  const summary = [
    ...backWords(incident),
    ...running.slice(0, MAX_NAMES),
    `${made.length} of ${wanted.length} checks done`,
    incident.cluster,
  ].join(' · ');
  return [
    { kind: 'headline', mark: 'running', text: `Looking into ${namespace}/${pod}` },
    { kind: 'steps', steps, summary },
    ...peoplePieces(incident),
  ];
}

function endedCard(incident: Incident, run: Run, options: CardOptions): readonly Piece[] {
  if (options.joined) return joinedCard(incident, run, options.joined, options);
  const menu = menuOf(incident, reportOf(run, NONE), options);
  const end = recoveryOf(incident);
  // What a plan did not mend may be over all the same, and then that is what people have to know.
  if (end && options.plan && endedWithout(options.plan, end.at)) return resolvedCard(incident, end, menu, undoOf(incident, options.plan));
  const planned = options.plan && planCard(incident, options.plan, menu);
  if (planned) return planned;
  return end ? resolvedCard(incident, end, menu) : finishedCard(incident, run, options);
}

/** What goes on is told by the other card. */
function joinedCard(incident: Incident, run: Run, { incident: other, url, pods }: JoinedIncident, options: CardOptions): readonly Piece[] {
  const { namespace, pod } = run.target;
  // Whoever reads this channel may not know the other one's namespace.
  const mayName = other.namespace === incident.namespace || incident.places[0]?.channel === other.places[0]?.channel;
  const title = shortened((mayName ? other.outcome?.title : undefined) ?? run.conclusion?.title ?? `${namespace}/${pod}`, MAX_TITLE);
  const counted = ` · ${count(pods, 'pod')} counted there, ${namespace}/${pod} among them`;
  return [
    {
      kind: 'headline',
      mark: 'joined',
      text: mayName ? `Same cause as ${other.namespace}/${other.pod}` : 'Same cause as another incident',
    },
    { kind: 'text', text: [url === undefined ? title : { kind: 'link', url, text: title }, counted] },
    { kind: 'buttons', buttons: [], menu: menuOf(incident, reportOf(run, NONE), options) },
    { kind: 'note', text: [`${incident.cluster} · `, minute(run.startedAt)] },
  ];
}

function finishedCard(incident: Incident, run: Run, options: CardOptions): readonly Piece[] {
  const report = reportOf(run, NONE);
  const mark = markOf(report);
  const title = shortened(report.title, MAX_TITLE);
  const facts = factsOf(report, incident, options.members);
  const foot = footOf(incident, run, options, report);
  const related = relatedPieces(options.related ?? []);
  const people = peoplePieces(incident);
  const bare = related.length + people.length + phoneLines(`   ${title}`, 'section') + smallLines(facts) + BUTTON_LINES + smallLines(foot);
  const remedies = remedyNotes(options, { isFine: mark === 'fine', room: MAX_LINES - bare - ADVICE_LINES });
  const room = MAX_LINES - bare - remedies.reduce((sum, { text }) => sum + smallLines(text), 0);
  const advised = adviceOf(report, { isUnsure: mark === 'unsure', room });
  const why = withinLines(reasonsOf(report), room - advised.lines);
  return [
    { kind: 'headline', mark, text: title },
    { kind: 'note', text: facts },
    ...related,
    ...(why === '' ? [] : [{ kind: 'text', text: [why] } as const]),
    ...advicePieces(advised),
    {
      kind: 'buttons',
      buttons: mark === 'fine' ? [] : [...offerButtons(incident, options.offered?.offers ?? []), ...buttonsOf(incident)],
      menu: menuOf(incident, report, options),
    },
    { kind: 'note', text: foot },
    ...remedies,
    ...people,
  ];
}

/** What the shortest advice takes. */
const ADVICE_LINES = 3;
const MAX_REMEDY_LINES = 4;

type Note = Extract<Piece, { readonly kind: 'note' }>;

/** What became of the newest plan, else why there is no button for a remedy that would help. */
function remedyNotes(
  { plan, offered }: CardOptions,
  { isFine, room }: { readonly isFine: boolean; readonly room: number },
): readonly Note[] {
  const ended = plan && endedPlanWords(plan);
  const words = ended ?? (isFine ? undefined : offered?.barred);
  if (words === undefined) return [];
  return [{ kind: 'note', text: [shortenedToLines(words, 'context', Math.min(MAX_REMEDY_LINES, room))] }];
}

/** More remedies than these are left out: the verdict's first advice comes first. */
const MAX_OFFERS = 2;

function offerButtons({ id }: Incident, offers: Offered['offers']): readonly Button[] {
  return offers
    .slice(0, MAX_OFFERS)
    .map((offer) => ({ action: 'propose', label: offer.label, about: { kind: 'remedy', id: `${id}/${offer.id}` } }));
}

/** Who takes care of it. */
function buttonsOf({ id, care }: Incident): readonly Button[] {
  const about = { kind: 'incident', id } as const;
  if (!care) return [{ action: 'care', label: "I'm on it", about }];
  return [
    { action: 'care', label: 'Take over', about },
    { action: 'end-care', label: 'Let go', about },
  ];
}

/** A chat has room for so many; what is left out last is linked by the incident's page. */
const MAX_ENTRIES = 5;

function menuOf(incident: Incident, report: Report, { docsUrl, hasPages }: CardOptions): readonly MenuEntry[] {
  const about = { kind: 'incident', id: incident.id } as const;
  const { cause } = report.verdict;
  const entries: readonly MenuEntry[] = [
    { action: 'rerun', label: 'Run again', about },
    { action: 'raw', label: 'Show raw', about },
    { action: 'dispute', label: 'Wrong verdict …', about },
    ...(isByItself(incident) ? [{ action: 'silence', label: 'Silence …', about } as const] : []),
    ...(hasPages ? [{ action: 'page', label: 'Incident page', about } as const] : []),
    ...(docsUrl === undefined || cause === null ? [] : [{ label: 'Cause page', url: `${docsUrl}/${cause}.md` }]),
  ];
  return entries.slice(0, MAX_ENTRIES);
}

/** Causes that are two in one, which nothing that could be asked tells apart. */
const TWO_IN_ONE: ReadonlySet<string> = new Set(['denied-or-missing']);

/** Unsure is what is merely possible, and what another cause explains as well. */
function markOf(report: Report): 'wrong' | 'fine' | 'unsure' {
  const { cause, confidence, alternatives } = report.verdict;
  if (cause === null) return report.target.otherTrouble ? 'unsure' : 'fine';
  if (cause === 'undetermined' || TWO_IN_ONE.has(cause) || confidence === 'possible') return 'unsure';
  return alternatives.some((other) => other.confidence === confidence) ? 'unsure' : 'wrong';
}

/** Why, in one breath: what was found, what is worth knowing beside it, and what that means. */
function reasonsOf({ verdict, means, target, title }: Report): readonly string[] {
  const replaced = target.replaces === undefined ? [] : [`${target.replaces} is gone; this is about ${target.pod}.`];
  const found = [...verdict.because.slice(0, 2), ...verdict.context.slice(0, 1)].filter((sentence) => !isSaid(sentence, title));
  const meaning = means === null || found.length > 1 ? [] : [means.split(/(?<=\.) /, 1)[0] ?? means];
  return [...replaced, ...found, ...meaning];
}

/** A sentence whose longer words all stand in the title says nothing new. */
function isSaid(sentence: string, title: string): boolean {
  const known = title.toLowerCase();
  return sentence
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((word) => word.length > 4)
    .every((word) => known.includes(word.replace(/[.:]$/, '')));
}

/** Where, how many of the checks were made whole, which failed, and when. */
function footOf(incident: Incident, run: Run, { runbook: { steps }, total }: CardOptions, report: Report): readonly Inline[] {
  const short = new Set(run.shortfalls.map(({ stepId }) => stepId));
  const wanted = steps.map(({ id }) => ({ id, status: stateOf(run, id).status })).filter(({ status }) => status !== 'skipped');
  const made = wanted.filter(({ id, status }) => status === 'done' && !short.has(id));
  const failed = wanted.filter(({ status }) => status === 'failed').map(({ id }) => id);
  const isLess = made.length < wanted.length || report.shortfalls.length > 0;
  const parts = [
    incident.cluster,
    `${made.length} of ${wanted.length} checks${failed.length > 0 ? `, ${list(failed)} failed` : ''}${isLess ? ', why in the thread' : ''}`,
    ...(total > 1 ? [`run ${total}`] : []),
  ];
  return [`${parts.join(' · ')} · `, minute(run.startedAt), ...insteadOf(incident), ...disputeOf(incident)];
}

/** Who takes care of it; until somebody does, who is to hear of it: a line of its own, in which a chat calls them. */
function peoplePieces({ care, mention = [] }: Incident): readonly Piece[] {
  if (care) return [{ kind: 'note', text: [{ kind: 'mention', id: care.by }, ' is on it since ', minute(care.since)] }];
  if (mention.length === 0) return [];
  return [{ kind: 'text', text: mention.flatMap((id, at): readonly Inline[] => [at === 0 ? 'For ' : ' ', { kind: 'mention', id }]) }];
}

function disputeOf({ disputed }: Incident): readonly Inline[] {
  return disputed === undefined ? [] : [' · ', { kind: 'mention', id: disputed.by }, ` says: ${causeWords(disputed.said)}`];
}

/** The channel in which it should have been told. */
function insteadOf({ places: [, meant] }: Incident): readonly Inline[] {
  return meant === undefined ? [] : [' · instead of ', { kind: 'channel', id: meant.channel }, ', where I cannot write'];
}

function stepNote(state: StepState): readonly [mark: StepMark, note: string | undefined] {
  switch (state.status) {
    case 'pending':
      return ['waiting', undefined];
    case 'started':
      return ['running', state.attempt > 1 ? `attempt ${state.attempt}` : undefined];
    case 'done':
      return ['done', state.durationMs < 1000 ? `${state.durationMs} ms` : duration(state.durationMs)];
    case 'skipped':
      return ['skipped', `not needed, ${state.because}`];
    case 'failed':
      return ['failed', state.because.split('\n', 1)[0]];
    default:
      return state satisfies never;
  }
}

/** Lines of small print; a time is about as long as `Today 12:04 PM`. */
function smallLines(text: readonly Inline[]): number {
  const words = text.map((part) =>
    typeof part === 'string' ? part : part.kind === 'time' ? 'Today 12:04 PM' : 'text' in part ? part.text : part.id,
  );
  return phoneLines(words.join(''), 'context');
}
