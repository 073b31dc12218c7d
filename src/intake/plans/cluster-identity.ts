import type { People } from '../people.ts';

/** How a person of the chat becomes a user of the cluster. */
export interface IdentityMapping {
  /** By the chat's id. */
  readonly users: Readonly<Record<string, string>>;
  /** Whether the e-mail address of the profile is the user's name, for whom no id is listed. Weaker: people may change it. */
  readonly byEmail: boolean;
}

/** Finds the cluster's user of a person. */
export interface ClusterIdentities {
  /** Undefined for somebody who is none. */
  userOf(user: string, people: Pick<People, 'person'>): Promise<string | undefined>;
}

/** Finds cluster users by a mapping. */
export function createClusterIdentities({ users, byEmail }: IdentityMapping): ClusterIdentities {
  return {
    async userOf(user, people) {
      if (Object.hasOwn(users, user)) return users[user];
      return byEmail ? (await people.person(user)).email : undefined;
    },
  };
}
