import type { Intake } from '../../src/intake/intake.ts';
import type { People } from '../../src/intake/people.ts';

/** A workspace of plain members in public channels, except for what is given. */
export function peopleOf(given: {
  /** Guests and members of other workspaces. */
  readonly outsiders?: readonly string[];
  readonly privateChannels?: readonly string[];
  /** Channels that the bot was not invited to. */
  readonly strange?: readonly string[];
  /** Channels that another organisation is in. */
  readonly shared?: readonly string[];
  /** Administrators of the workspace. */
  readonly admins?: readonly string[];
  readonly groups?: Readonly<Record<string, readonly string[]>>;
}): People {
  return {
    person: async (user) => ({
      member: !given.outsiders?.includes(user),
      ...(given.admins?.includes(user) ? { admin: true } : {}),
      organisation: 'T0WORK',
      name: `Name of ${user}`,
    }),
    channel: async (id) => ({
      joined: !given.strange?.includes(id),
      open: !given.privateChannels?.includes(id),
      shared: given.shared?.includes(id) ?? false,
    }),
    isIn: async (user, group) => given.groups?.[group]?.includes(user) ?? false,
    membersOf: async (group) => given.groups?.[group] ?? [],
  };
}

/** Nobody asks how the bot itself is. */
export const unexamined: Intake['examine'] = () => Promise.reject(new Error('nobody asks how the bot is here'));
