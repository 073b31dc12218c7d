/** A piece of a sentence that a chat shows in its own way. */
export type Inline =
  | string
  | { readonly kind: 'strong' | 'code'; readonly text: string }
  /** RFC 3339; a chat shows it in the reader's own zone. */
  | { readonly kind: 'time'; readonly at: string };

/** How far a step is, as the card shows it. */
export type StepMark = 'waiting' | 'running' | 'done' | 'skipped' | 'failed';

/** How far a step is, in one character. */
const STEP_MARKS: Readonly<Record<StepMark, string>> = { waiting: '○', running: '…', done: '✓', skipped: '–', failed: '✗' };

/** How far a step is, as one line of plain words. */
export function stepLine({ mark, title, note }: Extract<Piece, { kind: 'steps' }>['steps'][number]): string {
  const after = note === undefined ? '' : mark === 'done' ? ` (${note})` : `: ${note}`;
  return `${STEP_MARKS[mark]} ${title}${after}`;
}

/** A piece of a message, in words that know nothing of the chat. */
export type Piece =
  | { readonly kind: 'headline'; readonly mark: 'running' | 'wrong' | 'fine' | 'unsure'; readonly text: string }
  | { readonly kind: 'text'; readonly text: readonly Inline[] }
  /** Label and text, one a line. */
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, text: readonly Inline[]])[] }
  | { readonly kind: 'steps'; readonly steps: readonly { readonly mark: StepMark; readonly title: string; readonly note?: string }[] }
  /** What somebody said, verbatim; from nobody, lines to be copied. */
  | { readonly kind: 'quote'; readonly from: readonly Inline[]; readonly text: string }
  /** To be copied, one a line. */
  | { readonly kind: 'commands'; readonly title: string; readonly commands: readonly string[] }
  /** Small print. */
  | { readonly kind: 'note'; readonly text: readonly Inline[] }
  | {
      readonly kind: 'buttons';
      readonly buttons: readonly { readonly action: 'rerun' | 'raw'; readonly label: string; readonly incidentId: string }[];
    };

/** A message is named by its key: said again with other content it edits the earlier one, unchanged it does nothing. */
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

/** What was said, by key; `ts` is the chat's name for the message, `digest` stands for its content. */
export type Posted = Readonly<Record<string, PostedMessage>>;
