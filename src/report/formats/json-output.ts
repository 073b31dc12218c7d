import { z } from 'zod';
import { VANTAGES } from '../../diagnosis/evidence.ts';
import { FAMILIES } from '../../diagnosis/verdict.ts';

// What `-o json` prints, for the JSON Schemas in docs/schemas (npm run schemas). No command loads this file: tests hold it
// against what commands really print. Ids that grow with new versions (causes, symptoms, finding codes) are plain text.

const SchemaVersion = z
  .literal(1)
  .meta({ description: 'Counts up when a field goes or changes its meaning. New fields may come without it.' });
const Time = z.string().meta({ description: 'RFC 3339' });
const Id = z.string().meta({ description: 'An id of a list that may grow' });
const Confidence = z.enum(['confirmed', 'likely', 'possible']);
const Command = z.string();
const Place = z.literal('node').meta({ description: 'Absent: wherever kubectl works' });

const Image = z.object({
  kind: z.enum(['container', 'init container', 'sidecar', 'ephemeral container', 'image volume', 'pod sandbox']),
  name: z.string(),
  image: z.string(),
  pullPolicy: z.string().optional(),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('failing'), reason: z.string(), message: z.string().optional() }),
    z.object({ status: z.literal('waiting'), reason: z.string(), message: z.string().optional() }),
    z.object({
      status: z.literal('present'),
      because: z.enum(['running', 'ran', 'terminated', 'image-known']),
      reason: z.string().optional(),
    }),
    z.object({ status: z.literal('not-reached') }),
  ]),
});

const Target = z.object({
  cluster: z.string(),
  namespace: z.string(),
  pod: z.string(),
  uid: z.string(),
  phase: z.string(),
  replaces: z.string().optional().meta({ description: 'The name that was asked for, where this pod took its place' }),
  node: z.string().optional(),
  workload: z.object({ kind: z.string(), name: z.string() }).optional(),
  job: z.string().optional(),
  managedBy: z.object({ tool: Id, name: z.string().optional(), sign: z.string() }).optional(),
  workloadUnread: z.string().optional(),
  serviceAccount: z.string(),
  pullSecrets: z.array(z.string()),
  images: z.array(Image),
  otherTrouble: z
    .object({
      reason: z.string(),
      message: z.string(),
      container: z.string().optional(),
      restarts: z.number().optional(),
      exitCode: z.number().optional(),
      ending: z.string().optional(),
    })
    .optional(),
  createdAt: Time,
  deletingSince: Time.optional(),
});

const PullError = z.object({
  symptom: Id,
  alsoMeans: Id.optional(),
  rule: Id.optional(),
  runtime: Id,
  operation: Id.optional(),
  image: z.string().optional(),
  host: z.string().optional(),
  mirrorOf: z.string().optional(),
  httpStatus: z.number().optional(),
  credentials: z.enum(['sent', 'none']).optional(),
  shows: Id.optional().meta({ description: 'The finding that the words show more exactly than the symptom says' }),
  moved: z.string().optional(),
  about: z.enum(['pull', 'unsaid', 'other']),
  summary: z.string(),
  get others() {
    return z.array(PullError);
  },
});

const Evidence = z.object({
  source: Id,
  vantage: z.enum(VANTAGES),
  observedAt: Time,
  text: z.string(),
  times: z.number().optional(),
});

/** Objects that are proven by name: `secret`, `blocker` … */
const Names = z.partialRecord(z.string(), z.string());

const Finding = z.object({
  code: Id,
  says: z.string(),
  container: z.string().optional(),
  indirect: z.boolean().optional(),
  names: Names.optional(),
  evidence: z.array(Evidence),
});

const Retry = z.object({ failures: z.number(), at: Time.optional(), certain: z.boolean(), says: z.string() });

/** A command to paste, by what it does to the cluster, the registry or the node. */
const FixCommand = z.union([
  z.object({ run: Command, effect: z.literal('reads'), where: Place.optional() }),
  z.object({ run: Command, effect: z.literal('changes'), risk: z.string(), where: Place.optional() }),
]);

const OpenQuestion = z.object({
  check: Id,
  decisive: z.boolean().meta({ description: 'True where the cause would be surer with it' }),
  because: z.string().optional(),
  question: z.string(),
  enable: z.string(),
  asks: z.string().optional(),
  commands: z.array(FixCommand),
});

const Verdict = z.object({
  cause: Id.nullable().meta({ description: 'null where no image fails; undetermined where one does and nothing names why' }),
  family: z.enum(FAMILIES).nullable(),
  confidence: Confidence,
  because: z.array(z.string()),
  against: z.array(z.string()),
  context: z.array(z.string()),
  names: Names.optional(),
  alternatives: z.array(z.object({ cause: Id, confidence: Confidence })),
  unanswered: z.array(OpenQuestion),
});

const Scope = z.object({
  level: z.enum(['pod', 'workload', 'node', 'image', 'registry', 'namespace', 'cluster']),
  pods: z.number(),
  workloads: z.array(z.string()),
  namespaces: z.array(z.string()),
  nodes: z.array(z.string()),
  says: z.string(),
  counterexamples: z.array(z.string()),
  lookedAt: z.string(),
});

const Selection = z.object({ matched: z.number(), failing: z.number(), says: z.string() });
const Requests = z.object({ kubernetes: z.number(), registry: z.number() });

/** What `diagnose -o json` and `replay -o json` print. */
export const DiagnosisOutput = z.object({
  schemaVersion: SchemaVersion,
  selection: Selection.nullable().meta({ description: 'How the pod was chosen, where a workload or labels were named' }),
  target: Target,
  title: z.string(),
  verdict: Verdict,
  container: z.string().nullable(),
  means: z.string().nullable(),
  scope: Scope.nullable(),
  retry: Retry.nullable(),
  failures: z.array(
    z.object({ container: z.string(), image: Image, error: PullError, message: z.string(), retry: Retry, since: Time.optional() }),
  ),
  findings: z.array(Finding),
  steps: z.array(
    z.object({
      id: Id,
      status: z.enum(['pending', 'started', 'done', 'skipped', 'failed']),
      because: z.string().nullable(),
      durationMs: z.number().nullable(),
    }),
  ),
  shortfalls: z.array(z.string()),
  remediation: z.array(
    z.object({
      action: Id,
      title: z.string(),
      commands: z.array(FixCommand),
      manifest: z.array(z.string()).optional().meta({ description: 'What changes in Git, as lines of a diff' }),
    }),
  ),
  prevention: z.string().nullable(),
  more: Command.nullable(),
  at: Time,
  requests: Requests,
});

/** What `diagnose -l … -o json` prints. */
export const DiagnosesOutput = z.object({ schemaVersion: SchemaVersion, selection: Selection, reports: z.array(DiagnosisOutput) });

/** What `scan -o json` prints. */
export const ScanOutput = z.object({
  schemaVersion: SchemaVersion,
  groups: z.array(
    z.object({
      fingerprint: z.string(),
      cause: Id,
      family: z.enum(FAMILIES).nullable(),
      confidence: Confidence,
      title: z.string(),
      containers: z.array(
        z.object({
          namespace: z.string(),
          pod: z.string(),
          container: z.string(),
          image: z.string(),
          node: z.string().meta({ description: 'Empty for a pod without a node' }),
          workload: z.string(),
          pullSecrets: z.array(z.string()),
          symptom: Id.optional().meta({ description: 'Absent where no attempt has failed so far' }),
          message: z.string(),
        }),
      ),
    }),
  ),
  lookedAt: z.object({ pods: z.number(), nodes: z.number(), where: z.string(), complete: z.boolean() }),
  shortfalls: z.array(z.string()),
  requests: Requests,
});

/** What `explain -o json` prints. */
export const ExplanationOutput = z.object({
  schemaVersion: SchemaVersion,
  messages: z.array(
    z.object({
      symptom: Id,
      image: z.string().nullable(),
      host: z.string().nullable(),
      httpStatus: z.number().nullable(),
      runtime: Id,
      rule: Id.nullable(),
      summary: z.string(),
      pullError: z.boolean().nullable().meta({ description: 'Whether the message is about a pull at all; null where it does not say' }),
      mirrorOf: z.string().nullable(),
      operation: Id.nullable(),
      credentials: z.enum(['sent', 'none']).nullable(),
      others: z.array(Id),
      causes: z.array(
        z.object({ cause: Id, family: z.enum(FAMILIES), confidence: Confidence, means: z.string(), fixes: z.array(z.string()) }),
      ),
      next: z.array(Command),
    }),
  ),
});
