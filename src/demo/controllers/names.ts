import { createHash } from 'node:crypto';

/** The letters of generated names: no vowels, and nothing that looks like another (apimachinery/pkg/util/rand). */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** The end of the name of a pod that a controller makes. */
export function nameSuffix(random: () => number): string {
  return Array.from({ length: 5 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
}

/** What ReplicaSets of one Deployment are told apart by: the same for the same template. */
export function templateHash(template: object): string {
  const bytes = createHash('sha256').update(JSON.stringify(template)).digest();
  return Array.from(bytes.subarray(0, 9), (byte) => LETTERS[byte % LETTERS.length]).join('');
}
