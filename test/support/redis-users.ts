import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';

/** Makes the users of Redis that `imagepull redis acl` printed; answers with the address that a user of that name connects to. */
export async function makeRedisUsers(adminUrl: string, printed: string): Promise<(name: string) => string> {
  const admin = new Redis(adminUrl);
  try {
    for (const line of printed.trim().split('\n')) {
      const [, , name = '', ...rules] = line.split(' ');
      const hash = createHash('sha256').update(passwordOf(name)).digest('hex');
      await admin.call('ACL', 'SETUSER', name, ...rules.map((rule) => (rule === '#SHA256-OF-THE-PASSWORD' ? `#${hash}` : rule)));
    }
  } finally {
    admin.disconnect();
  }
  return (name) => {
    const url = new URL(adminUrl);
    url.username = name;
    url.password = passwordOf(name);
    return url.href;
  };
}

function passwordOf(name: string): string {
  return `password of ${name}`;
}

/** What users were refused so far: user, command and key or channel. */
export async function refusedByAcl(adminUrl: string): Promise<readonly string[]> {
  const admin = new Redis(adminUrl);
  try {
    const entries = await admin.call('ACL', 'LOG', '128');
    if (!Array.isArray(entries)) throw new Error('Redis answers ACL LOG with a list');
    return entries.map((entry: unknown) => {
      if (!Array.isArray(entry)) throw new Error('an entry of ACL LOG is a list');
      const field = (name: string) => String(entry[entry.indexOf(name) + 1]);
      return `${field('username')}: ${field('reason')} ${field('object')} (${field('context')}, ${field('client-info').replace(/.* cmd=(\S+).*/, '$1')})`;
    });
  } finally {
    admin.disconnect();
  }
}
