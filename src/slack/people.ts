import { z } from 'zod';
import { CodedError } from '../errors.ts';
import type { People } from '../intake/people.ts';
import { createAnswerCache } from '../timing/answer-cache.ts';
import type { SlackClient } from './chat.ts';
import { chatError } from './error.ts';

/** What Slack says of people and channels is believed for so long, ms. */
const KEEP_MS = 60_000;
const MAX_ANSWERS = 10_000;

const Own = z.object({ team_id: z.string() });
const User = z.object({
  user: z.object({
    team_id: z.string().optional(),
    deleted: z.boolean().optional(),
    /** Owners are admins, too. */
    is_admin: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    /** Of another workspace that shares a channel. */
    is_stranger: z.boolean().optional(),
    enterprise_user: z.object({ teams: z.array(z.string()).optional(), enterprise_id: z.string().optional() }).optional(),
    real_name: z.string().optional(),
    profile: z.object({ email: z.string().optional() }).optional(),
  }),
});
const Channel = z.object({
  channel: z.object({
    is_member: z.boolean().optional(),
    is_private: z.boolean().optional(),
    is_im: z.boolean().optional(),
    is_mpim: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
    is_pending_ext_shared: z.boolean().optional(),
  }),
});
const Group = z.object({ users: z.array(z.string()) });

/** Asks Slack who people are. Where somebody decides, `keepMs` is 0: then nothing is believed that was asked before. Throws what chatError makes of a failure. */
export function createSlackPeople(client: SlackClient, now: () => number = Date.now, keepMs: number = KEEP_MS): People {
  const cached = createAnswerCache({ now, keepMs, max: MAX_ANSWERS });

  /** The answer, or undefined where Slack says one of `absent`. */
  async function ask<T>(method: string, options: Record<string, string>, schema: z.ZodType<T>, absent: readonly string[] = []) {
    const key = `${method} ${JSON.stringify(options)}`;
    const { answer } = await cached({ key, ask: () => call(method, options, absent) });
    if (answer === undefined) return undefined;
    const read = schema.safeParse(answer);
    if (read.success) return read.data;
    throw new CodedError('chat/unavailable', `Slack answered ${method} with something else than expected.`, { retryable: true });
  }

  async function call(method: string, options: Record<string, string>, absent: readonly string[]): Promise<unknown> {
    try {
      return await client.apiCall(method, options);
    } catch (cause) {
      const word = z.object({ data: z.object({ error: z.string() }) }).safeParse(cause).data?.data.error;
      if (word !== undefined && absent.includes(word)) return undefined;
      throw chatError(cause);
    }
  }

  async function membersOf(group: string): Promise<readonly string[]> {
    const found = await ask('usergroups.users.list', { usergroup: group }, Group, ['no_such_subteam', 'subteam_not_found']);
    return found?.users ?? [];
  }

  return {
    async person(user) {
      const [own, found] = await Promise.all([
        ask('auth.test', {}, Own),
        ask('users.info', { user }, User, ['user_not_found', 'user_not_visible', 'users_not_found']),
      ]);
      if (!own || !found) return { member: false };
      const { team_id: team, deleted, is_restricted: guest, is_ultra_restricted: singleChannel, is_stranger: stranger } = found.user;
      const ofTeam = team === own.team_id || (found.user.enterprise_user?.teams ?? []).includes(own.team_id);
      const { enterprise_user: enterprise, real_name: name, profile, is_admin: admin } = found.user;
      return {
        member: ofTeam && !(deleted || guest || singleChannel || stranger),
        organisation: enterprise?.enterprise_id ?? team,
        ...(admin && ofTeam ? { admin } : {}),
        name,
        email: profile?.email,
      };
    },
    async channel(id) {
      const found = await ask('conversations.info', { channel: id }, Channel, ['channel_not_found']);
      if (!found) return { joined: false, open: false, shared: false };
      const { is_member: member = false, is_private: hidden = false, is_im: direct = false, is_mpim: group = false } = found.channel;
      const { is_ext_shared: shared = false, is_pending_ext_shared: invited = false } = found.channel;
      return { joined: member || direct, open: !(hidden || direct || group), shared: shared || invited };
    },
    isIn: async (user, group) => (await membersOf(group)).includes(user),
    membersOf,
  };
}
