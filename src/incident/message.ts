/** A piece of a sentence that a chat shows in its own way. */
export type Inline =
  | string
  | { readonly kind: 'strong' | 'code'; readonly text: string }
  /** RFC 3339; a chat shows it in the reader's own zone, with seconds unless minutes are enough. */
  | { readonly kind: 'time'; readonly at: string; readonly precision?: 'minute' }
  /** A person or a group by the chat's id, who is told where this is posted. */
  | { readonly kind: 'mention'; readonly id: string }
  /** A channel by the chat's id, which shows its name to who may know it. */
  | { readonly kind: 'channel'; readonly id: string }
  | { readonly kind: 'link'; readonly url: string; readonly text: string };

/** How far a step is, as the command line shows it. */
export type StepMark = 'waiting' | 'running' | 'done' | 'skipped' | 'failed';

/** How far a step is, in one character. */
const STEP_MARKS: Readonly<Record<StepMark, string>> = { waiting: '○', running: '…', done: '✓', skipped: '–', failed: '✗' };

/** How far a step is, as one line of plain words. */
export function stepLine({ mark, title, note }: StepProgress): string {
  const after = note === undefined ? '' : mark === 'done' ? ` (${note})` : `: ${note}`;
  return `${STEP_MARKS[mark]} ${title}${after}`;
}

/** How far one step of a run is. */
export interface StepProgress {
  readonly mark: StepMark;
  readonly title: string;
  readonly note?: string;
}

/** What a button is about; a chat hands it back with the click. */
export interface Topic {
  readonly kind: 'incident' | 'run' | 'plan' | 'remedy' | 'pod' | 'silence' | 'cluster';
  /** The id, of a cluster its name; of a plan `PLAN/DIGEST`, of a remedy `INCIDENT/REMEDY`; of a pod `CLUSTER/NAMESPACE/POD`, where only a cluster's name may hold a slash. */
  readonly id: string;
}

/** What can be clicked; `raw` shows everything word for word, `page` gives a link to the incident's page. */
export type Action =
  | 'rerun'
  | 'raw'
  | 'page'
  | 'diagnose'
  | 'silence'
  | 'end-silence'
  | 'care'
  | 'end-care'
  | 'dispute'
  | 'pick'
  | 'propose'
  | 'review'
  | 'deny';

/** A button, which a chat may ask to confirm. */
export interface Button {
  readonly action: Action;
  readonly label: string;
  readonly about: Topic;
  /** `danger` for what changes something. */
  readonly style?: 'primary' | 'danger';
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string; readonly no: string };
}

/** An entry of the menu beside the buttons: something to do, or a page to read. */
export type MenuEntry = Pick<Button, 'action' | 'label' | 'about'> | { readonly label: string; readonly url: string };

/** A piece of a message, in words that know nothing of the chat. */
export type Piece =
  | {
      readonly kind: 'headline';
      readonly mark: 'running' | 'wrong' | 'fine' | 'unsure' | 'joined' | 'deciding' | 'past';
      readonly text: string;
    }
  | { readonly kind: 'text'; readonly text: readonly Inline[] }
  /** What the command line shows while a run goes on; a chat shows `summary`, one line. */
  | { readonly kind: 'steps'; readonly steps: readonly StepProgress[]; readonly summary: string }
  /** What somebody said, verbatim; from nobody, lines to be copied. */
  | { readonly kind: 'quote'; readonly from: readonly Inline[]; readonly text: string }
  /** To be copied, one a line. */
  | { readonly kind: 'commands'; readonly title: string; readonly commands: readonly string[] }
  /** Small print. */
  | { readonly kind: 'note'; readonly text: readonly Inline[] }
  /** One line with a button of its own. */
  | { readonly kind: 'choice'; readonly text: readonly Inline[]; readonly button: Button }
  | { readonly kind: 'buttons'; readonly buttons: readonly Button[]; readonly menu: readonly MenuEntry[] };

/** A message is named by its key: sent again with other content it edits the earlier one, unchanged it does nothing. */
export interface Message {
  readonly key: string;
  /** The whole message in plain words: for terminals, notifications and screen readers. */
  readonly text: string;
  readonly pieces: readonly Piece[];
  /** False for the first message of an incident, which the others reply to. */
  readonly inThread: boolean;
}

/** What became of a message: `posting` is written before a post, so that the next writer knows to look for it. */
export type PostedMessage =
  | { readonly status: 'posting'; readonly since: string }
  | { readonly status: 'posted'; readonly ts: string; readonly digest: string };

/** What was posted, by key; `ts` is the chat's name for the message, `digest` stands for its content. */
export type Posted = Readonly<Record<string, PostedMessage>>;
