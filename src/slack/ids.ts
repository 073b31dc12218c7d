/** The names by which Slack and this program speak of buttons, fields and windows; the app's manifest has command and shortcut. */
export const IDS = {
  command: '/imagepull',
  shortcut: 'imagepull.diagnose_message',
  pick: 'imagepull.pick',
  pickPod: 'imagepull.pick.pod',
  dispute: 'imagepull.dispute',
  disputeCause: 'imagepull.dispute.cause',
  disputeWords: 'imagepull.dispute.words',
  planReview: 'imagepull.plan.review',
  planReason: 'imagepull.plan.reason',
  planChoice: 'imagepull.plan.choice',
  planChosen: 'imagepull.plan.chosen',
  planWhere: 'imagepull.plan.where',
  silence: 'imagepull.silence',
  silenceWhat: 'imagepull.silence.what',
  silenceTime: 'imagepull.silence.time',
  silenceReason: 'imagepull.silence.reason',
} as const;

/** Clicks on buttons of messages and on their menus. A name ends in a number, since Slack wants no name twice in a message. */
export const CLICKS = /^imagepull\.(?:button|menu)\.\d+$/;

/** The name of the n-th button of a message. */
export function buttonId(nth: number): string {
  return `imagepull.button.${nth}`;
}

/** The name of the n-th menu of a message. */
export function menuId(nth: number): string {
  return `imagepull.menu.${nth}`;
}
