import type { Examined } from '../doctor/examined.ts';
import type { Heartbeat } from '../store/heartbeat.ts';
import type { Store } from '../store/store.ts';
import type { Refusal } from './intake.ts';
import type { People, Person } from './people.ts';

/** What is needed to answer how the bot is. */
export interface ExaminationParts {
  /** Whom the configuration names as admins; undefined where it names nobody, and the chat's own admins are meant. */
  readonly admins: { readonly users: readonly string[]; readonly groups: readonly string[] } | undefined;
  readonly people: People;
  readonly store: Pick<Store, 'heartbeats'>;
  /** Id of this process in its signs of life. */
  readonly processId: string;
  /** Looks at everything that this process rests on. */
  readonly look: () => Promise<Examined>;
}

/** How all processes are. */
export interface Examination {
  readonly status: 'examined';
  /** This one first, as it is now; the others as they said last. */
  readonly processes: readonly Examinee[];
}

/** A process that lives. */
export type Examinee = Pick<Heartbeat, 'roles' | 'clusters' | 'release' | 'examined'>;

/** Examines the bot for an admin. Throws what the chat throws where it does not tell who somebody is. */
export async function examineFor(
  { user }: Person,
  { admins, people, processId, look, store }: ExaminationParts,
): Promise<Examination | Refusal> {
  const { member, admin = false } = await people.person(user);
  const isAdmin = admins ? admins.users.includes(user) || (await isInAny(user, admins.groups, people)) : admin;
  if (!(member && isAdmin)) {
    const who = admins ? '`admins` in approvals.yaml names them' : 'here these are the admins of the workspace';
    return {
      status: 'refused',
      code: 'intake/not-an-admin',
      says: `Only admins may ask how I am: ${who}. \`imagepull doctor\` tells it in a terminal.`,
    };
  }
  const [examined, alive] = await Promise.all([look(), store.heartbeats.list()]);
  const own = alive.find(({ id }) => id === processId);
  const others = alive.filter((one) => one !== own).sort((one, two) => nameOf(one).localeCompare(nameOf(two)));
  return {
    status: 'examined',
    processes: [{ roles: own?.roles ?? [], clusters: own?.clusters ?? [], release: own?.release, examined }, ...others],
  };
}

async function isInAny(user: string, groups: readonly string[], people: People): Promise<boolean> {
  return (await Promise.all(groups.map((group) => people.isIn(user, group)))).includes(true);
}

function nameOf({ roles, clusters, id }: Heartbeat): string {
  return [...roles, ...clusters, id].join(' ');
}
