import { configFile } from '../../app/config/file.ts';
import { redisUsersFor } from '../../app/redis-users.ts';
import { print } from '../output.ts';

/** What `imagepull redis` can do. */
export type RedisTask = 'acl';

/** Options of `imagepull redis`. */
export interface RedisOptions {
  readonly config?: string;
  readonly roles?: string;
  readonly clusters?: string;
  readonly user?: string;
  readonly output: 'commands' | 'aclfile';
}

/** Redis takes no rule with this in it, so nobody's password stays what was printed. */
const PLACEHOLDER = '#SHA256-OF-THE-PASSWORD';

/** `imagepull redis acl`: prints the users of Redis that a configuration needs. Throws `config/…`. */
export async function redisCommand(_: RedisTask, { config, roles, clusters, user, output }: RedisOptions): Promise<void> {
  const begin = output === 'aclfile' ? 'user' : 'ACL SETUSER';
  const users = redisUsersFor({ file: configFile(config), roles, clusters, user });
  await print(users.map(({ name, rules }) => `${[begin, name, 'reset', 'on', PLACEHOLDER, ...rules].join(' ')}\n`).join(''));
}
