import type { Invited } from '../../intake/intake.ts';
import { link, markup } from '../text.ts';

/** Room for the address with its key. */
const MAX_LINK = 500;

/** The link to the page of an incident, for one person. */
export function invitationText({ url, until, about }: Invited): string {
  const before = markup([{ kind: 'code', text: about }]);
  const end = markup([{ kind: 'time', at: until.toISOString(), precision: 'minute' }]);
  return `${before}: ${link(url, 'Open the incident page', MAX_LINK)}\nFor you alone: good once, until ${end}. It can then be read in that browser for 30 minutes.`;
}
