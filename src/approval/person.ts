import { z } from 'zod';

/** The id of a Slack user, such as U0123456789. */
export const UserId = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'is not the id of a person, like U0123456789');
/** The id of a Slack user group, such as S0123456789. */
export const GroupId = z.string().regex(/^S[A-Z0-9]{2,20}$/, 'is not the id of a user group, like S0123456789');
/** The id of what a Slack user id is unique in: the enterprise where there is one, else the workspace. */
export const OrganisationId = z.string().regex(/^[ET][A-Z0-9]{2,20}$/, 'is not the id of a workspace or enterprise, like T0123456789');

/** Who somebody is in Slack. The id of a user alone says nothing: another organisation may have the same one. */
export const Person = z.strictObject({ organisation: OrganisationId, user: UserId });
export type Person = Readonly<z.infer<typeof Person>>;

/** A person's identity as one text, to compare by. */
export function personKey({ organisation, user }: Person): string {
  return `${organisation}/${user}`;
}

/** The name of a user as the cluster knows them; what several Slack ids may be mapped to. */
export const ClusterUser = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => text.isWellFormed(), 'holds text that is no Unicode');

/** What the chat said of an organisation's people at one moment. Who is not in it counts as absent. */
export interface Members {
  /** Those of the people in question who are full members of the bot's own organisation: no guests, nobody deactivated. */
  readonly full: readonly string[];
  /** Members of user groups, by the group's id. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** True where a person was a member of one of some groups. */
export function isInAny(members: Members, groups: readonly string[], user: string): boolean {
  return groups.some((group) => Object.hasOwn(members.groups, group) && members.groups[group]?.includes(user));
}
