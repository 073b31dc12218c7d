import { z } from 'zod';
import { VANTAGES } from '../diagnosis/evidence.ts';
import type { Finding, FindingCode, ProvenNames } from '../diagnosis/finding.ts';
import { type MessageFinding, OPERATIONS, type PullError, RUNTIMES, type Symptom } from '../diagnosis/message/pull-error.ts';
import type { ImageFailure } from '../diagnosis/pod/pull-history.ts';
import { CONTAINER_KINDS, MANAGERS, type PodImage, type Target } from '../diagnosis/pod/target.ts';
import type { PullSurvey, Scope } from '../diagnosis/scope.ts';
import { FAMILIES, type Verdict } from '../diagnosis/verdict.ts';
import type { Redacted } from '../facts/redaction.ts';
import type { Command } from '../remediation/command.ts';
import { type Conclusion, PLAN_STATUSES, type Run, type StepState, Trigger } from './run.ts';

// The shape of a stored run. Every object is strict: a field that is added here or goes needs a new version in
// store/kinds.ts. Words of lists that grow with new versions (finding codes, symptoms) are taken as they are.

const text = z.string();
const texts = z.array(text);
const number = z.number();
const Code: z.ZodType<FindingCode> = z.custom<FindingCode>((value) => typeof value === 'string');
const SymptomWord: z.ZodType<Symptom> = z.custom<Symptom>((value) => typeof value === 'string');
const Shown: z.ZodType<MessageFinding> = z.custom<MessageFinding>((value) => typeof value === 'string');
const Names: z.ZodType<ProvenNames> = z.record(text, text);

const Image: z.ZodType<PodImage> = z.strictObject({
  kind: z.enum(CONTAINER_KINDS),
  name: text,
  image: text,
  pullPolicy: text.exactOptional(),
  state: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('failing'), reason: text, message: text.exactOptional() }),
    z.strictObject({ status: z.literal('waiting'), reason: text, message: text.exactOptional() }),
    z.strictObject({
      status: z.literal('present'),
      because: z.enum(['running', 'ran', 'terminated', 'image-known']),
      reason: text.exactOptional(),
    }),
    z.strictObject({ status: z.literal('not-reached') }),
  ]),
});

const TargetSchema: z.ZodType<Target> = z.strictObject({
  cluster: text,
  namespace: text,
  pod: text,
  uid: text,
  phase: text,
  replaces: text.exactOptional(),
  node: text.exactOptional(),
  workload: z.strictObject({ kind: text, name: text }).exactOptional(),
  job: text.exactOptional(),
  managedBy: z.strictObject({ tool: z.enum(MANAGERS), name: text.exactOptional(), sign: text }).exactOptional(),
  workloadUnread: text.exactOptional(),
  serviceAccount: text,
  pullSecrets: texts,
  images: z.array(Image),
  otherTrouble: z
    .strictObject({
      reason: text,
      message: text,
      container: text.exactOptional(),
      exitCode: number.exactOptional(),
      ending: text.exactOptional(),
      restarts: number.exactOptional(),
    })
    .exactOptional(),
  createdAt: text,
  deletingSince: text.exactOptional(),
});

const Step: z.ZodType<StepState> = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('pending'), failures: number }),
  z.strictObject({ status: z.literal('started'), attempt: number, delayMs: number, at: text }),
  z.strictObject({ status: z.literal('done'), durationMs: number }),
  z.strictObject({ status: z.literal('skipped'), because: text }),
  z.strictObject({ status: z.literal('failed'), code: text, because: text, durationMs: number }),
]);

/** It was redacted when the evidence was made, before anything was stored. */
const RedactedText = text as unknown as z.ZodType<Redacted>;

const FindingSchema: z.ZodType<Finding> = z.strictObject({
  code: Code,
  says: text,
  container: text.exactOptional(),
  indirect: z.boolean().exactOptional(),
  names: Names.exactOptional(),
  evidence: z.array(
    z.strictObject({
      source: z.enum([
        'pod-spec',
        'pod-status',
        'pod-event',
        'pod-list',
        'service-account',
        'pull-secret',
        'registry',
        'endpoint',
        'node',
        'kubelet-metrics',
        'kubelet-configuration',
        'kubelet-log',
      ]),
      vantage: z.enum(VANTAGES),
      observedAt: text,
      text: RedactedText,
      times: number.exactOptional(),
    }),
  ),
});

/** What a node's task found, as a plan keeps it. */
export const FoundOnNode: z.ZodType<readonly Finding[]> = z.array(FindingSchema);

const Retry = z.strictObject({ failures: number, at: text.exactOptional(), certain: z.boolean(), says: text });

const PullErrorSchema: z.ZodType<PullError> = z.strictObject({
  symptom: SymptomWord,
  alsoMeans: SymptomWord.exactOptional(),
  rule: text.exactOptional(),
  runtime: z.enum(RUNTIMES),
  operation: z.enum(OPERATIONS).exactOptional(),
  image: text.exactOptional(),
  host: text.exactOptional(),
  mirrorOf: text.exactOptional(),
  httpStatus: number.exactOptional(),
  credentials: z.enum(['sent', 'none']).exactOptional(),
  shows: Shown.exactOptional(),
  moved: text.exactOptional(),
  about: z.enum(['pull', 'unsaid', 'other']),
  summary: text,
  others: z.lazy(() => z.array(PullErrorSchema)),
});

const Failure: z.ZodType<ImageFailure> = z.strictObject({
  container: text,
  image: Image,
  error: PullErrorSchema,
  message: text,
  retry: Retry,
  since: text.exactOptional(),
});

const Tally = z.strictObject({ here: number, elsewhere: number, otherNodes: texts });
const Pods = z.strictObject({ pods: number });

const Survey: z.ZodType<PullSurvey> = z.strictObject({
  where: text,
  pods: number,
  nodes: number,
  complete: z.boolean(),
  failing: z.array(
    z.strictObject({
      namespace: text,
      workload: text,
      node: text,
      image: text,
      registry: text,
      symptom: SymptomWord,
      pullSecrets: texts,
      members: z.array(number),
      example: text,
    }),
  ),
  groupsLeftOut: number.exactOptional(),
  waiting: z.strictObject({ sameNode: Pods }),
  working: z.strictObject({
    sameImage: Tally,
    sameRegistry: Tally,
    sameNode: Pods,
    sameSecret: z.strictObject({ pods: number, names: texts }),
  }),
});

const ScopeSchema: z.ZodType<Scope> = z.strictObject({
  level: z.enum(['pod', 'workload', 'node', 'image', 'registry', 'namespace', 'cluster']),
  pods: number,
  workloads: texts,
  namespaces: texts,
  nodes: texts,
  says: text,
  counterexamples: texts,
  lookedAt: text,
});

const Confidence = z.enum(['confirmed', 'likely', 'possible']);

const VerdictSchema: z.ZodType<Verdict> = z.strictObject({
  cause: text.nullable(),
  family: z.enum(FAMILIES).nullable(),
  confidence: Confidence,
  because: texts,
  against: texts,
  context: texts,
  alternatives: z.array(z.strictObject({ cause: text, confidence: Confidence })),
  names: Names.exactOptional(),
  unanswered: texts,
});

const Where = z.literal('node').exactOptional();
const CommandSchema: z.ZodType<Command> = z.discriminatedUnion('effect', [
  z.strictObject({ run: text, effect: z.literal('reads'), where: Where }),
  z.strictObject({ run: text, effect: z.literal('changes'), risk: text, where: Where }),
]);

const ConclusionSchema: z.ZodType<Conclusion> = z.strictObject({
  container: text.exactOptional(),
  title: text,
  verdict: VerdictSchema,
  means: text.exactOptional(),
  prevention: text.exactOptional(),
  scope: ScopeSchema.exactOptional(),
  retry: Retry.exactOptional(),
  remediation: z.array(z.strictObject({ action: text, title: text, commands: z.array(CommandSchema), manifest: texts.exactOptional() })),
  unanswered: z.array(
    z.strictObject({
      check: text,
      decisive: z.boolean(),
      because: text.exactOptional(),
      asks: text.exactOptional(),
      question: text,
      enable: text,
      commands: z.array(CommandSchema),
    }),
  ),
});

/** A run as a store keeps it. */
export const RunSchema: z.ZodType<Run> = z.strictObject({
  id: text,
  incidentId: text,
  runbook: text,
  target: TargetSchema,
  trigger: Trigger,
  startedAt: text,
  revision: z.int().nonnegative(),
  steps: z.record(text, Step),
  findings: z.array(FindingSchema),
  failures: z.array(Failure),
  survey: Survey.exactOptional(),
  sizes: z.array(z.strictObject({ container: text, image: text, bytes: number })).exactOptional(),
  imageSpace: number.exactOptional(),
  imageCapacity: number.exactOptional(),
  shortfalls: z.array(z.strictObject({ stepId: text, says: text, question: text.exactOptional() })),
  conclusion: ConclusionSchema.exactOptional(),
  plan: z.strictObject({ planId: text, status: z.enum(PLAN_STATUSES), since: text }).exactOptional(),
});
