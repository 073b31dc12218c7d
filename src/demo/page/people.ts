import { GUEST } from '../player/environment.ts';
import { PEOPLE } from '../stories/story.ts';
import type { PersonState } from './state.ts';

/** Who can be chosen in the page, and what the rules of the demo make of them. */
export const PERSONS: readonly PersonState[] = [
  {
    id: PEOPLE.ann,
    name: 'ann',
    role: 'Asks',
    about: 'Ann is on call and asks. She may approve what others ask for, never what she asked for herself.',
  },
  { id: PEOPLE.bob, name: 'bob', role: 'Approver', about: 'Bob may approve. He and Ann are admins: together they can end a freeze.' },
  {
    id: PEOPLE.eve,
    name: 'eve',
    role: 'Second approver',
    about: 'Eve may approve. Where two approvals are needed, hers is the other one.',
  },
  {
    id: PEOPLE.mallory,
    name: 'mallory',
    role: 'Stranger',
    about: 'Mallory is of this workspace, and no rule names her: she may ask and look, not approve.',
  },
  {
    id: GUEST,
    name: 'gus',
    role: 'Guest',
    about: 'Gus is of another company, a guest in this channel: he can read along and start nothing.',
  },
];
