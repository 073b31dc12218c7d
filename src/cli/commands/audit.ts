import { eraseFromAudit, listAudit, type VerifiedChain, verifyAudit } from '../../app/audit.ts';
import { configFile } from '../../app/config/file.ts';
import { readTextFile } from '../../app/text-file.ts';
import { Person } from '../../approval/person.ts';
import { CodedError } from '../../errors.ts';
import { hanging, type Paint, readableWidth } from '../../report/layout.ts';
import { verifierOf } from '../../signing/ed25519.ts';
import type { Verify } from '../../signing/signing.ts';
import { printable } from '../../text/printable.ts';
import { count } from '../../text/wording.ts';
import { readHeads } from '../audit-heads.ts';
import { auditLine, auditTable } from '../audit-table.ts';
import { paintFor, print, widthOf } from '../output.ts';
import { PROGRAM } from '../program-name.ts';

/** What `imagepull audit` can do. */
export type AuditTask = 'list' | 'verify' | 'erase';

/** Options of `imagepull audit`. */
export interface AuditOptions {
  readonly config?: string;
  readonly cluster?: string;
  /** Milliseconds. */
  readonly since?: number;
  readonly plan?: string;
  readonly output?: 'table' | 'jsonl';
  readonly key?: readonly string[];
  readonly head?: readonly string[];
  readonly person?: string;
  readonly yes?: boolean;
}

/** Which option is for which task; the rest is for all. */
const FOR: Readonly<Partial<Record<keyof AuditOptions, readonly AuditTask[]>>> = {
  cluster: ['list', 'verify'],
  since: ['list'],
  plan: ['list'],
  output: ['list'],
  key: ['verify'],
  head: ['verify'],
  person: ['erase'],
  yes: ['erase'],
};

const WEEK_MS = 7 * 24 * 3_600_000;

/**
 * `imagepull audit`, `imagepull audit verify` and `imagepull audit erase`. Needs REDIS_URL. `verify` ends with exit code 1 where a chain is not
 * whole. Throws `config/…`, `store/…`, `usage/audit`.
 */
export async function auditCommand(task: AuditTask, options: AuditOptions): Promise<void> {
  for (const [option, tasks] of Object.entries(FOR))
    if (options[option as keyof AuditOptions] !== undefined && !tasks.includes(task))
      throw new CodedError('usage/audit', `--${option} is not for ${PROGRAM} audit ${task}, but for ${tasks.join(' and ')}.`);
  if (task === 'list') return list(options);
  return task === 'verify' ? verify(options) : erase(options);
}

function stored({ config }: AuditOptions) {
  return { file: configFile(config), environment: process.env };
}

async function list(options: AuditOptions): Promise<void> {
  const { cluster, plan, since = plan === undefined ? WEEK_MS : undefined, output = 'table' } = options;
  const { entries, unreadable } = await listAudit(stored(options), {
    cluster,
    planId: plan,
    since: since === undefined ? undefined : new Date(Date.now() - since),
  });
  if (output === 'jsonl') await print(entries.map((entry) => `${auditLine(entry)}\n`).join(''));
  else await print(auditTable(entries, paintFor(process.stdout), readableWidth(widthOf(process.stdout))));
  if (unreadable > 0)
    process.stderr.write(`${count(unreadable, 'entry', 'entries')} cannot be read and are left out: ${PROGRAM} audit verify\n`);
}

async function verify(options: AuditOptions): Promise<void> {
  const { cluster, key = [], head = [] } = options;
  if (key.length === 0)
    throw new CodedError('usage/audit', 'Say whose signatures count: --key FILE, the public key of each process that writes to the audit.');
  const verifiers = key.map((file): Verify => verifierOf(readTextFile(file)));
  const heads = await readHeads(head, cluster);
  const verified = await verifyAudit(stored(options), {
    cluster,
    heads,
    verify: (text, signature) => verifiers.some((one) => one(text, signature)),
  });
  const [paint, width] = [paintFor(process.stdout), readableWidth(widthOf(process.stdout))];
  if (verified.length === 0) return print('Nothing was written down in any cluster.\n');
  await print(`${verified.flatMap((one) => verdictLines(printable(one), paint, width)).join('\n')}\n`);
  if (verified.some(({ outcome }) => 'problem' in outcome)) process.exitCode = 1;
}

function verdictLines({ cluster, knowsEnd, outcome }: VerifiedChain, paint: Paint, width: number): readonly string[] {
  if ('problem' in outcome) return hanging('✗ ', `${cluster}: ${outcome.says}`, width).map(paint.bad);
  const { head } = outcome;
  const whole = head === undefined ? 'no entry' : `${count(head.sequence + 1, 'entry', 'entries')}, none missing or changed`;
  return [
    ...hanging('✓ ', `${cluster}: ${whole}`, width).map(paint.good),
    ...(head === undefined ? [] : [`  head ${head.sequence}:${head.hash}`]),
    ...(knowsEnd ? [] : hanging('  ! ', 'Whether entries were cut off at its end is not known without --head, from the log.', width)),
  ];
}

async function erase(options: AuditOptions): Promise<void> {
  const [organisation, user, ...more] = options.person?.split('/') ?? [];
  const person = Person.safeParse({ organisation, user }).data;
  if (person === undefined || more.length > 0)
    throw new CodedError(
      'usage/audit',
      'Say whose names and reasons are erased: --person T0123456789/U0123456789, workspace or enterprise, and user.',
    );
  const really = options.yes === true;
  const { count: found, unreadable } = await eraseFromAudit(stored(options), { person, really, now: new Date() });
  const what = `${count(found, 'name or reason', 'names and reasons')} of ${options.person}`;
  if (unreadable > 0) process.stderr.write(`${count(unreadable, 'record')} cannot be read; whose they are is not known.\n`);
  if (!really && found > 0) throw new CodedError('usage/audit', `${what} would be erased, which nothing undoes. Say --yes to do it.`);
  await print(found === 0 ? `The audit keeps nothing of ${options.person}.\n` : `Erased ${what}. The chains are as they were.\n`);
}
