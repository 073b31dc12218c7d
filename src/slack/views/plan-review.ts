import { shortDigest } from '../../approval/plan.ts';
import { remedyTitle } from '../../approval/remedy-words.ts';
import type { Review } from '../../intake/plans/review.ts';
import { count } from '../../text/wording.ts';
import { context, plain, preformatted, SECTION, section } from '../elements.ts';
import { IDS } from '../ids.ts';
import { escaped, visible } from '../text.ts';

/** Slack's limit for what a window carries. */
const MAX_CARRIED = 3_000;
/** All text of one box; what does not fit whole cannot be approved. */
const MAX_VERBATIM = 2_900;
const MAX_REASON = 1_000;
/** A list of images takes several; more boxes nobody reads. */
const MAX_BOXES = 16;

/** Lines of names, messages and changes from outside: they stand word for word in a box of their own. */
interface Box {
  readonly label: string;
  readonly text: string;
}

/** The window in which somebody looks at a plan and approves or denies it, drawn from what is stored. */
export function planReviewView({ standing, ticket, needsReason }: Review) {
  const { proposal, digest } = standing;
  const { plan } = proposal;
  const approves = ticket.content.opens === 'approve';
  const boxes: readonly Box[] = [
    { label: 'What it does', text: plan.effect },
    ...partsOf(plan.dryRun).map((text, at) => ({ label: at === 0 ? 'The API server would change (dry run)' : 'and', text })),
    { label: 'For', text: standing.wish.title },
    ...(plan.undo === undefined ? [{ label: 'Undo', text: 'It cannot be undone.' }] : [{ label: 'Undo', text: plan.undo }]),
    ...(plan.notChecked.length === 0 ? [] : [{ label: 'Not checked', text: plan.notChecked.join('\n') }]),
    { label: 'It rests on', text: plan.findings.join(', ') || 'no finding' },
  ];
  const fits = boxes.length <= MAX_BOXES && boxes.every(({ text }) => JSON.stringify(visible(text)).length <= MAX_VERBATIM);
  const mayDecide = fits || !approves;
  const metadata = JSON.stringify(ticket);
  if (metadata.length > MAX_CARRIED) throw new Error('a window cannot carry its ticket');
  return {
    type: 'modal' as const,
    callback_id: IDS.planReview,
    external_id: ticket.content.window,
    private_metadata: metadata,
    title: plain(approves ? 'Review plan' : 'Deny plan', 24),
    close: plain('Cancel', 24),
    ...(mayDecide ? { submit: plain(approves ? 'Approve' : 'Deny', 24) } : {}),
    blocks: [
      section(`*${escaped(remedyTitle(plan.remedy)).slice(0, 500)}*`),
      context(escaped(factsLine(plan.blast, plan.risk, digest, plan.cluster)).slice(0, SECTION)),
      ...boxes.flatMap(({ label, text }) => [context(escaped(label)), preformatted(visible(text).slice(0, MAX_VERBATIM) || '-')]),
      ...(mayDecide ? [reasonInput(needsReason)] : [section('It does not fit here whole, so it cannot be approved here.')]),
    ],
  };
}

/** Whole lines that fit into a box, together. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (const line of text.split('\n')) {
    const longer = part === '' ? line : `${part}\n${line}`;
    if (part === '' || JSON.stringify(visible(longer)).length <= MAX_VERBATIM) part = longer;
    else {
      parts.push(part);
      part = line;
    }
  }
  return [...parts, part];
}

function factsLine(
  {
    restarts,
    replicasLeft,
    disruptionBudgets,
  }: { readonly restarts: number; readonly replicasLeft?: number | undefined; readonly disruptionBudgets: readonly string[] },
  risk: string,
  digest: string,
  cluster: string,
): string {
  return [
    cluster,
    `${count(restarts, 'pod')} ${restarts === 1 ? 'restarts' : 'restart'}`,
    ...(replicasLeft === undefined ? [] : [`${replicasLeft} stay ready`]),
    ...(disruptionBudgets.length === 0 ? ['no disruption budget'] : [`disruption budget ${disruptionBudgets.join(', ')}`]),
    `${risk} risk`,
    `plan ${shortDigest(digest)}`,
  ].join(' · ');
}

function reasonInput(isNeeded: boolean) {
  return {
    type: 'input' as const,
    block_id: IDS.planReason,
    optional: !isNeeded,
    label: plain('Reason', 2000),
    element: { type: 'plain_text_input' as const, action_id: IDS.planReason, max_length: MAX_REASON, multiline: true },
  };
}
