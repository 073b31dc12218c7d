import { CUT_FROM_AGE_MS, cutAudit, eraseFromAudit, listAudit, type VerifiedChain, verifyAudit } from '../../app/audit.ts';
import { configFile } from '../../app/config/file.ts';
import { readTextFile } from '../../app/text-file.ts';
import { Person } from '../../approval/person.ts';
import { CodedError } from '../../errors.ts';
import { hanging, type Paint, readableWidth } from '../../report/layout.ts';
import { verifierOf } from '../../signing/ed25519.ts';
import { signingKeyOf } from '../../signing/keys.ts';
import type { Verify } from '../../signing/signing.ts';
import { printable } from '../../text/printable.ts';
import { count } from '../../text/wording.ts';
import { readHeads } from '../audit-heads.ts';
import { auditLine, auditTable } from '../audit-table.ts';
import { paintFor, print, widthOf } from '../output.ts';
import { PROGRAM } from '../program-name.ts';

/** What `imagepull audit` can do. */
export type AuditTask = 'list' | 'verify' | 'erase' | 'cut';

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
  readonly before?: Date;
  /** File with the private key of whoever cuts. */
  readonly signingKey?: string;
}

/** Which option is for which task; the rest is for all. */
const FOR: Readonly<Partial<Record<keyof AuditOptions, readonly AuditTask[]>>> = {
  cluster: ['list', 'verify', 'cut'],
  since: ['list'],
  plan: ['list'],
  output: ['list'],
  key: ['verify', 'cut'],
  head: ['verify', 'cut'],
  person: ['erase'],
  yes: ['erase', 'cut'],
  before: ['cut'],
  signingKey: ['cut'],
};

const WEEK_MS = 7 * 24 * 3_600_000;

/**
 * `imagepull audit`, and `verify`, `erase` and `cut` after it. Needs REDIS_URL. `verify` and `cut` end with exit code 1 where a chain is not
 * whole. Throws `config/…`, `store/…`, `usage/audit`.
 */
export async function auditCommand(task: AuditTask, options: AuditOptions): Promise<void> {
  for (const [option, tasks] of Object.entries(FOR))
    if (options[option as keyof AuditOptions] !== undefined && !tasks.includes(task))
      throw new CodedError('usage/audit', `${flagOf(option)} is not for ${PROGRAM} audit ${task}, but for ${tasks.join(' and ')}.`);
  switch (task) {
    case 'list':
      return list(options);
    case 'verify':
      return verify(options);
    case 'erase':
      return erase(options);
    case 'cut':
      return cut(options);
    default:
      return task satisfies never;
  }
}

/** `signingKey` is written `--signing-key`. */
function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
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
  const trusted = verifierOfKeys(key);
  const heads = await readHeads(head, cluster);
  const verified = await verifyAudit(stored(options), { cluster, heads, verify: trusted });
  const [paint, width] = [paintFor(process.stdout), readableWidth(widthOf(process.stdout))];
  if (verified.length === 0) return print('Nothing was written down in any cluster.\n');
  await print(`${verified.flatMap((one) => verdictLines(printable(one), paint, width)).join('\n')}\n`);
  if (verified.some(({ outcome }) => 'problem' in outcome)) process.exitCode = 1;
}

function verifierOfKeys(files: readonly string[]): Verify {
  if (files.length === 0)
    throw new CodedError('usage/audit', 'Say whose signatures count: --key FILE, the public key of each process that writes to the audit.');
  const verifiers = files.map((file): Verify => verifierOf(readTextFile(file)));
  return (text, signature) => verifiers.some((one) => one(text, signature));
}

function verdictLines({ cluster, knowsEnd, outcome }: VerifiedChain, paint: Paint, width: number): readonly string[] {
  if ('problem' in outcome) return hanging('✗ ', `${cluster}: ${outcome.says}`, width).map(paint.bad);
  const { head, beginning } = outcome;
  const first = beginning?.sequence ?? 0;
  const whole = head === undefined ? 'no entry' : `${count(head.sequence + 1 - first, 'entry', 'entries')}, none missing or changed`;
  return [
    ...hanging('✓ ', `${cluster}: ${whole}`, width).map(paint.good),
    ...(first === 0 ? [] : [`  from ${first} on: what was before was cut off, as the chain itself tells`]),
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

async function cut(options: AuditOptions): Promise<void> {
  const { cluster, before, key = [], head = [], signingKey, yes = false } = options;
  const now = new Date();
  if (cluster === undefined || before === undefined || signingKey === undefined)
    throw new CodedError(
      'usage/audit',
      'Say of which cluster, until when, and who answers for it: --cluster NAME --before 2026-01-31 --signing-key FILE, a private key.',
    );
  if (now.getTime() - before.getTime() < CUT_FROM_AGE_MS)
    throw new CodedError(
      'usage/audit',
      `What is younger than ${CUT_FROM_AGE_MS / DAY_MS} days is not cut off. Choose an earlier day for --before.`,
    );
  const verify = verifierOfKeys(key);
  const { sign } = signingKeyOf(readTextFile(signingKey));
  if (!verify(PROBE, sign(PROBE)))
    throw new CodedError('usage/audit', `The public half of ${signingKey} is not among --key, so nobody would believe the cut. Add it.`);
  const heads = await readHeads(head, cluster);
  const outcome = await cutAudit(stored(options), { cluster, before, heads, verify, sign, really: yes, now });
  switch (outcome.status) {
    case 'broken':
      process.exitCode = 1;
      return print(`✗ ${printable(`${cluster}: ${outcome.problem.says}`)} Nothing was cut off.\n`);
    case 'older-release':
      throw new CodedError(
        'usage/audit',
        'A process of an older release runs on this Redis, which could write no entry any more after a cut. End it first; 20 s later it counts as gone.',
      );
    case 'nothing':
      return print(`Nothing of ${printable(cluster)} is from before ${before.toISOString()}.\n`);
    case 'found':
      throw new CodedError(
        'usage/audit',
        `${count(outcome.count, 'entry', 'entries')} of ${cluster} would be cut off, which nothing undoes. Keep a copy (${PROGRAM} audit -o jsonl), and say --yes to do it.`,
      );
    case 'cut':
      return print(
        `Cut off ${count(outcome.count, 'entry', 'entries')}. The chain of ${printable(cluster)} begins with entry ${outcome.keptFrom}.\n  head ${outcome.head?.sequence}:${outcome.head?.hash}\n`,
      );
    default:
      return outcome satisfies never;
  }
}

const DAY_MS = 24 * 3_600_000;
/** Something to sign, to see whether two keys belong together. */
const PROBE = 'imagepull/cut-probe/v1';
