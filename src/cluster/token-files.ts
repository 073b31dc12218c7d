import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';

const WithTokenFiles = z.object({
  users: z.array(z.object({ name: z.string(), user: z.object({ tokenFile: z.string().nullish() }).nullish() })).default([]),
});

/** Adds each user's `tokenFile`, which kubectl knows and the client does not; it is read again as the token file of a pod is. */
export async function addTokenFiles(config: KubeConfig, kubeconfig: string | undefined): Promise<void> {
  for (const file of filesOf(kubeconfig)) {
    const text = readFileSync(file, 'utf8');
    if (!text.includes('tokenFile')) continue;
    const { parse } = await import('yaml');
    const { users } = WithTokenFiles.parse(parse(text));
    for (const { name, user } of users) {
      const tokenFile = user?.tokenFile;
      const known = tokenFile ? config.getUser(name) : null;
      if (!tokenFile || !known) continue;
      // Where both are given, kubectl takes the file.
      Object.assign(known, {
        token: undefined,
        authProvider: { name: 'tokenFile', config: { tokenFile: isAbsolute(tokenFile) ? tokenFile : join(dirname(file), tokenFile) } },
      });
    }
  }
}

/** The kubeconfig files that were read, as the client finds them. */
function filesOf(kubeconfig: string | undefined): readonly string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  const listed = process.env['KUBECONFIG']?.split(delimiter).filter((file) => file !== '') ?? [];
  const home = process.env['HOME'] ?? '';
  return listed.length > 0 || home === '' ? listed : [join(home, '.kube', 'config')].filter((file) => existsSync(file));
}
