import type { Inline, Message, Piece } from '../../incident/message.ts';
import type { Silence } from '../../incident/silence.ts';
import { markup } from '../text.ts';

/** That a silence began, as markup. */
export function silencedText(silence: Silence): string {
  const until = markup([{ kind: 'time', at: silence.until, precision: 'minute' }]);
  return `Until ${until} I tell nobody of ${markup(subjectOf(silence))} by myself. Its incidents are kept, what is told already goes on, and whoever asks is answered. \`silences\` lists and ends it.`;
}

/** That a silence was ended, as markup. */
export function endedText(silence: Silence): string {
  return `The silence of ${markup(subjectOf(silence))} is ended. What is open is told within half a minute.`;
}

/** The silences that hold, each with a button that ends it. */
export function silencesMessage(silences: readonly Silence[]): Message {
  const pieces: readonly Piece[] =
    silences.length === 0
      ? [{ kind: 'text', text: ['Nothing is silenced.'] }]
      : silences.map((silence) => ({
          kind: 'choice',
          text: [
            ...subjectOf(silence),
            ' until ',
            { kind: 'time', at: silence.until, precision: 'minute' },
            ...(silence.reason === undefined ? [] : [`: ${silence.reason}`]),
          ],
          button: { action: 'end-silence', label: 'End', about: { kind: 'silence', id: silence.id } },
        }));
  return { key: 'silences', inThread: false, pieces, text: `${silences.length} silences` };
}

function subjectOf({ cluster, namespace, about }: Silence): readonly Inline[] {
  if (about.kind === 'workload') return [{ kind: 'code', text: `${namespace}/${about.workload}` }, ` in ${cluster}`];
  return [{ kind: 'strong', text: about.title }, about.everywhere ? ` anywhere in ${cluster}` : ` in ${namespace} of ${cluster}`];
}
