import { z } from 'zod';
import { VANTAGES } from '../diagnosis/evidence.ts';
import { type FindingCode as Code, FINDING_CODES, type Sighting as Sightings } from '../diagnosis/finding.ts';
import { MESSAGE_FINDINGS, OPERATIONS, RUNTIMES, type PullErrorRules as Rules, SYMPTOMS } from '../diagnosis/message/pull-error.ts';
import { CONTAINER_KINDS, MANAGERS } from '../diagnosis/pod/target.ts';
import { REACHES } from '../diagnosis/reach.ts';
import { FAMILIES } from '../diagnosis/verdict.ts';
import { CodedError } from '../errors.ts';
import type { CauseCatalogue as Catalogue } from '../remediation/cause-catalogue.ts';
import { type YamlLines, yamlLines } from '../text/yaml-lines.ts';
import { type Runbook as Book, runbookProblems } from './runbook.ts';

const Id = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be lower-case words joined by dashes');
const Sentence = z.string().min(1);
const FindingCode = z.enum(FINDING_CODES);
const AREAS = [...new Set(FINDING_CODES.map((code) => code.slice(0, code.indexOf('/'))))];
const FindingPattern = z.enum([...FINDING_CODES, ...AREAS.map((area) => `${area}/*` as const)]);

/** `*`, `+` and `{n,}` have no upper bound; `{0,n}` does. Only bounded patterns are linear on hostile text. */
const UNBOUNDED = /(?:^|[^\\])(?:\\\\)*(?:[*+]|\{[0-9]+,\})/;
const Pattern = z
  .string()
  .min(1)
  .refine((pattern) => !UNBOUNDED.test(pattern), 'must bound every repetition: write {0,200} instead of *')
  .refine(
    (pattern) => pattern.replace(/\\./g, '') === pattern.replace(/\\./g, '').toLowerCase(),
    'must be lower-case: it is matched against lower-case words',
  )
  .refine(compiles, 'is not a regular expression');

/** runbooks/pull-errors.yaml. */
export const PullErrorRules = z.strictObject({
  summaries: z.record(z.enum(SYMPTOMS), Sentence),
  runtimes: z.array(z.strictObject({ runtime: z.enum(RUNTIMES), pattern: Pattern })),
  operations: z.array(z.strictObject({ operation: z.enum(OPERATIONS), pattern: Pattern })),
  pullWords: z.strictObject({ any: Pattern, begin: Pattern }),
  otherErrors: z.array(z.strictObject({ id: Id, summary: Sentence, pattern: Pattern, samples: z.array(Sentence).min(1) })).min(1),
  movedImages: z.array(
    z.strictObject({
      id: Id,
      registries: z.array(z.string().min(1)).min(1),
      under: z.array(z.string().min(1)).min(1).optional(),
      symptoms: z.array(z.enum(SYMPTOMS)).min(1),
      says: Sentence,
    }),
  ),
  rules: z
    .array(
      z.strictObject({
        id: Id,
        symptom: z.enum(SYMPTOMS),
        alsoMeans: z.enum(SYMPTOMS).optional(),
        runtime: z.enum([...RUNTIMES, 'any']),
        versions: z.string().optional(),
        credentials: z.enum(['sent', 'none']).optional(),
        shows: z.enum(MESSAGE_FINDINGS).optional(),
        summary: Sentence.optional(),
        alone: z.boolean().optional(),
        pattern: Pattern,
        samples: z.array(Sentence).min(1),
      }),
    )
    .min(1),
}) satisfies z.ZodType<Rules>;

const Place = z.enum(['node']).optional();
const Command = z.discriminatedUnion('effect', [
  z.strictObject({ run: Sentence, effect: z.literal('reads'), where: Place }),
  z.strictObject({ run: Sentence, effect: z.literal('changes'), risk: Sentence, where: Place }),
]);
const Fix = z.strictObject({
  action: Id,
  title: Sentence,
  alternative: z.boolean().optional(),
  when: z.array(FindingCode).min(1).optional(),
  unless: z.array(FindingCode).min(1).optional(),
  by: z.array(Id).min(1).optional(),
  commands: z.array(Command).optional(),
  manifest: z.array(Sentence).min(1).optional(),
});
const Procedure = z.strictObject({
  workloads: z.array(z.string()).min(1).optional(),
  containers: z.array(z.enum(CONTAINER_KINDS)).min(1).optional(),
  note: Sentence.optional(),
  commands: z.array(Command).default([]),
});
const Guide = z.strictObject({ action: Id, title: Sentence, commands: z.array(Command) });
/** A code, or a code as seen from one place: `endpoint/dns-failure@node`. */
const AtVantage = z
  .string()
  .regex(new RegExp(`^[a-z]+/[a-z-]+@(?:${VANTAGES.join('|')})$`))
  // The check makes it one; the type is for the compiler.
  .refine(
    (sighting) => FINDING_CODES.some((code) => sighting.startsWith(`${code}@`)),
    'must begin with a known finding',
  ) as unknown as z.ZodType<Exclude<Sightings, Code>>;
const Sighting = z.union([FindingCode, AtVantage]);
const Combination = z.array(z.union([Sighting, z.array(Sighting).min(2)])).min(1);
const Wording = {
  title: Sentence,
  titles: z
    .array(
      z.strictObject({
        when: Combination,
        confidence: z.enum(['confirmed', 'likely', 'possible']).optional(),
        title: Sentence,
        means: Sentence.optional(),
      }),
    )
    .default([]),
  means: Sentence,
};

/** runbooks/causes.yaml. */
export const CauseCatalogue = z.strictObject({
  procedures: z.record(Id, z.array(Procedure).min(1)),
  managers: z.record(z.enum(MANAGERS), Guide),
  sandbox: Guide,
  checks: z.record(Id, z.strictObject({ question: Sentence, enable: Sentence, commands: z.array(Command) })),
  undetermined: z.strictObject({ ...Wording, fix: z.array(Fix), prevention: Sentence }),
  causes: z
    .array(
      z.strictObject({
        id: Id,
        family: z.enum(FAMILIES),
        reach: z.enum(REACHES),
        ...Wording,
        proof: z.array(Combination).default([]),
        primary: z.array(Combination).default([]),
        hints: z.array(Combination).default([]),
        settles: z.array(FindingCode).default([]),
        needsProofWith: z.array(FindingCode).default([]),
        supports: z.array(FindingCode).default([]),
        contradicts: z.array(FindingCode).default([]),
        context: z.array(FindingCode).default([]),
        checks: z.array(Id).default([]),
        fix: z.array(Fix),
        prevention: Sentence,
      }),
    )
    .min(1),
}) satisfies z.ZodType<Catalogue>;

/** `500ms`, `15s` or `2m`, as milliseconds. */
const Duration = z
  .string()
  .regex(/^[1-9][0-9]{0,5}(?:ms|s|m)$/, 'must be a time such as 500ms, 15s or 2m')
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('ms') ? 1 : text.endsWith('s') ? 1000 : 60_000));

/** runbooks/image-pull.yaml. */
export const Runbook = z.strictObject({
  name: Id,
  version: z.int().positive(),
  steps: z
    .array(
      z
        .strictObject({
          id: Id,
          title: Sentence,
          uses: Id,
          needs: z.array(Id).default([]),
          when: z.array(FindingPattern).optional(),
          timeout: Duration,
          attempts: z.int().min(1).max(10),
        })
        .transform(({ timeout, ...step }) => ({ ...step, timeoutMs: timeout })),
    )
    .min(1),
}) satisfies z.ZodType<Book, unknown>;

/** Reads one YAML file by its schema. Throws `runbook/invalid`, naming file, line and field of everything that is wrong. */
export function readRunbookFile<T>(file: string, text: string, schema: z.ZodType<T>): T {
  const yaml = yamlLines(text);
  const broken = yaml.document.errors[0];
  if (broken) throw invalid(file, [`line ${yaml.lineOf(broken.pos[0])}: ${broken.message.split('\n', 1)[0]}`]);
  const parsed = schema.safeParse(plainValue(file, yaml));
  if (parsed.success) return parsed.data;
  throw invalid(
    file,
    parsed.error.issues.map((issue) => `${place(yaml, issue.path)}: ${issue.message}`),
  );
}

/** Reads a runbook and checks that its steps exist and can be ordered. Throws `runbook/invalid`. */
export function readRunbook(file: string, text: string, knownUses: ReadonlySet<string>): Book {
  const runbook = readRunbookFile(file, text, Runbook);
  const problems = runbookProblems(runbook, knownUses);
  if (problems.length === 0) return runbook;
  const yaml = yamlLines(text);
  throw invalid(
    file,
    problems.map(({ step, field, problem }) => `${place(yaml, ['steps', step, field])}: ${problem}`),
  );
}

/** The document as plain data. Aliases are refused: a few lines of them can stand for gigabytes. */
function plainValue(file: string, { document }: YamlLines): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    if (cause instanceof ReferenceError) throw invalid(file, ['line 1: YAML anchors and aliases are not supported; write the value out']);
    throw cause;
  }
}

/** `line 12, steps.0.needs`; the nearest enclosing line when the field itself is missing. */
function place(yaml: YamlLines, path: readonly PropertyKey[]): string {
  const name = path.join('.');
  return `line ${yaml.lineAt(path)}${name === '' ? '' : `, ${name}`}`;
}

function invalid(file: string, problems: readonly string[]): CodedError {
  return new CodedError('runbook/invalid', problems.map((problem) => `${file}, ${problem}`).join('\n'));
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}
