import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The port of the store, with the names of its lists. */
const STORE = ['store/store', 'store/line', 'store/collection', 'store/record-kind', 'store/kinds', 'store/heartbeat'];
const PORTS = [
  'cluster/cluster',
  'cluster/pod-pages',
  'cluster/writing/object-writer',
  'registry/registry',
  'network/endpoint-prober',
  'chat/chat',
  ...STORE,
  'queue/task-queue',
];
/** The rooms of the diagnosis; each may import the ones before it. */
const DIAGNOSIS = ['diagnosis', 'diagnosis/message', 'diagnosis/pod', 'diagnosis/secret', 'diagnosis/registry', 'diagnosis/node'];
/** What findings are made of. */
const FINDING = ['diagnosis/finding', 'diagnosis/evidence'];
const PURE_WORDS = ['facts', 'facts/kubernetes', 'text'];
/** Where parts say what they do. */
const COUNTED = ['telemetry/log', 'telemetry/metrics'];
/** What everything in slack may import. */
const SLACK = ['incident', 'intake', 'network', 'http/handler', ...COUNTED, 'chat/chat', ...PURE_WORDS];
/** What commands of a terminal work with. */
const CLI = [
  'app',
  'app/config',
  'app/service',
  'app/doctor',
  'doctor',
  'incident/correction',
  'approval',
  'approval/preview',
  'audit',
  'audit/log/read-audit',
  'signing',
  'installed',
  ...DIAGNOSIS,
  'report',
  'report/formats',
  'cluster/cluster',
  'network/host-list',
  'node/run',
  'node/task',
  'recording/recording-folder',
  'telemetry',
  ...PURE_WORDS,
];
/** What a run or an incident is made of, with the words for it. */
const DOMAIN = [...PURE_WORDS, ...DIAGNOSIS, 'remediation', 'runbook', 'incident', 'scan/grouping'];

/**
 * What each room of src may import, besides itself, errors.ts, health.ts and timing/: rooms, or single files. A room does not stand for the
 * rooms within it.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  text: [],
  facts: ['text', 'facts/kubernetes'],
  'facts/kubernetes': ['text', 'facts'],
  'diagnosis/message': [...FINDING, ...PURE_WORDS],
  'diagnosis/pod': [...FINDING, 'diagnosis/message', ...PURE_WORDS],
  'diagnosis/secret': [...FINDING, ...PURE_WORDS],
  'diagnosis/registry': [...FINDING, ...PURE_WORDS],
  'diagnosis/node': [...FINDING, ...PURE_WORDS],
  'diagnosis/node-task': [...FINDING, 'diagnosis/message', 'diagnosis/registry/endpoint-findings', 'node/document', ...PURE_WORDS],
  diagnosis: [...DIAGNOSIS, ...PURE_WORDS],
  remediation: [...DIAGNOSIS, ...PURE_WORDS],
  runbook: [...DIAGNOSIS, 'diagnosis/node-task/two-vantages', 'remediation', ...PURE_WORDS],
  incident: [...DIAGNOSIS, 'runbook', ...PURE_WORDS],
  signing: [],
  approval: ['signing/signing', 'node/document', 'node/prune/plan', ...PURE_WORDS],
  'approval/preview': ['approval', 'signing/signing', ...PURE_WORDS],
  remedies: ['remedies/nodes', 'approval', 'signing/signing', 'cluster/writing/object-writer', 'node-task/settings', ...DOMAIN],
  'remedies/nodes': [
    'remedies',
    'approval',
    'cluster/writing/object-writer',
    'node/prune/choose',
    'node-task/allowed-nodes',
    ...PURE_WORDS,
  ],
  audit: ['signing/signing', 'approval/canonical-json', 'approval/person', 'approval/plan', ...PURE_WORDS],
  'audit/log': ['audit', 'approval', 'signing/signing', 'store/turns', ...STORE, ...PURE_WORDS, 'telemetry/log'],
  timing: [],
  network: ['facts'],
  'network/http': ['network', 'facts'],
  'cluster/kubelet': ['cluster', 'network', 'network/http', ...PURE_WORDS],
  cluster: ['network', 'network/http', ...PURE_WORDS],
  'cluster/writing': ['cluster', ...PURE_WORDS],
  'registry/auth': [
    'registry/quirks',
    'registry/registry-error',
    'registry/reply',
    'registry/no-answer',
    'network',
    'network/http',
    'facts',
  ],
  registry: ['registry/auth', 'network', 'network/http', ...PURE_WORDS],
  detection: [...DOMAIN],
  routing: ['incident', ...PURE_WORDS],
  watch: [
    'detection',
    'diagnosis/message',
    'diagnosis/pod',
    'cluster/event-watch',
    'cluster/lease',
    ...PURE_WORDS,
    'telemetry/log',
    ...PORTS,
  ],
  alerts: ['alerts/senders', ...PURE_WORDS],
  'alerts/senders': ['alerts', ...PURE_WORDS],
  webhooks: ['alerts', 'http/handler', 'intake/alerts', 'network/request-budget', ...COUNTED],
  chat: ['incident'],
  store: ['facts', 'alerts', 'runbook', 'incident', 'approval', 'audit', 'passes/pass'],
  'store/redis': ['store', 'incident', 'facts'],
  queue: ['runbook', 'incident', 'store/redis/redis-connection'],
  telemetry: ['facts'],
  http: ['telemetry/log'],
  steps: [...DIAGNOSIS, ...PURE_WORDS, ...PORTS],
  recording: ['diagnosis/secret', 'steps/step', ...PURE_WORDS, ...PORTS],
  'node/cri': ['facts', 'registry/auth/mask-credential'],
  'node/prune': [
    'node/cri/runtime',
    'node/document',
    'node/host',
    'node/image-since',
    'node/image-use',
    'node/sandbox-image',
    'facts',
    'text',
  ],
  'node/probe': ['node/cri/runtime', 'node/document', 'node/host', 'node/images', 'network', 'facts'],
  node: ['node/cri', 'node/probe', 'node/prune', 'network', 'facts', 'text'],
  'node-task': ['node/document', 'node/task', 'cluster/cluster', 'cluster/writing/object-writer', 'telemetry/log', 'text'],
  scan: ['cluster/cluster', 'cluster/pod-pages', ...DIAGNOSIS, 'remediation', ...PURE_WORDS],
  report: DOMAIN,
  'report/formats': ['report', ...DOMAIN],
  'report/card': ['report', 'approval', 'remedies/offers', ...DOMAIN],
  'incident-page': ['report', 'report/card', 'report/formats/markdown', 'approval', ...DOMAIN],
  'incident-page/serving': [
    'incident-page',
    'passes',
    'intake',
    'report/card/plan-card',
    'approval/plan-record',
    'http/handler',
    'network/request-budget',
    ...DOMAIN,
    'telemetry/log',
    ...PORTS,
  ],
  passes: [...STORE],
  intake: [
    'doctor/examined',
    'alerts',
    'passes',
    'incident-page/paths',
    'intake/plans/plan-desk',
    'intake/alerts',
    'intake/notes',
    'outbox/tell',
    'outbox/urgency',
    'network/request-budget',
    ...DOMAIN,
    'report',
    'report/card',
    'report/formats/raw-text',
    ...COUNTED,
    ...PORTS,
  ],
  'intake/notes': ['intake', 'outbox/tell', 'outbox/urgency', 'runbook', 'incident', ...PURE_WORDS, ...COUNTED, ...PORTS],
  'intake/plans': [
    'intake',
    'approval',
    'audit',
    'signing/signing',
    'remedies/offers',
    'remedies/looks',
    'outbox/tell',
    'outbox/urgency',
    ...DOMAIN,
    ...COUNTED,
    ...PORTS,
  ],
  'intake/alerts': [
    'intake/delivery-id',
    'alerts',
    'detection',
    'diagnosis/message',
    'diagnosis/pod',
    ...PURE_WORDS,
    'telemetry/log',
    ...PORTS,
  ],
  outbox: ['alerts', 'report', 'report/card', 'remedies/offers', 'runbook', 'incident', 'text', ...COUNTED, ...PORTS],
  engine: [
    ...DOMAIN,
    'report',
    'cluster/guarded-cluster',
    'steps/step',
    'scan',
    'intake',
    'intake/alerts',
    'detection',
    'outbox',
    'executor/executor',
    ...COUNTED,
    ...PORTS,
  ],
  executor: [
    'approval',
    'node/document',
    'node-task',
    'diagnosis/node-task',
    'audit/audit-log',
    'signing/signing',
    'remedies',
    'remedies/nodes',
    'cluster/kubeconfig',
    'steps/step',
    'steps/pull-secrets-of-pod',
    ...DOMAIN,
    ...COUNTED,
    ...PORTS,
  ],
  'engine/detection': [
    ...DOMAIN,
    'detection',
    'routing',
    'engine',
    'intake/delivery-id',
    'intake/open-incident',
    'outbox/tell',
    'outbox/urgency',
    'telemetry/log',
    ...PORTS,
  ],
  slack: ['slack/connection', 'slack/interactions', 'slack/views', ...SLACK],
  'slack/connection': ['slack', ...SLACK],
  'slack/interactions': ['slack', 'slack/connection', 'slack/views', 'intake/alerts/message-text', 'approval', ...SLACK],
  'slack/views': ['slack', 'approval', 'doctor/check', 'doctor/examined', 'intake/plans', 'remedies/offers', ...SLACK],
  demo: [],
  'demo/slack': ['demo'],
  'demo/registry': [],
  'demo/controllers': ['demo/clock', 'demo/cluster', 'demo/cluster/writes'],
  'demo/kubelet': [
    ...['demo/clock', 'demo/cluster', 'demo/cluster/writes'],
    // The program for nodes runs in it.
    ...['node/arguments', 'node/cri/runtime', 'node/host', 'node/run'],
  ],
  'demo/stories': ['demo/stories/images', 'demo/stories/logins', 'demo/stories/outages', 'demo/stories/plans'],
  'demo/stories/images': ['demo/stories'],
  'demo/stories/logins': ['demo/stories'],
  'demo/stories/outages': ['demo/stories'],
  'demo/stories/plans': ['demo/stories'],
  'demo/page': [
    ...['demo/cluster', 'demo/player', 'demo/request-body', 'demo/slack', 'demo/stories'],
    // The list of commands that the composer completes.
    'intake/command',
  ],
  // In the browser: of its server it knows types.
  'demo/page/client': ['demo/page/client/blocks', 'demo/page/client/conversation', 'demo/page/deed', 'demo/page/state'],
  'demo/page/client/blocks': ['demo/page/client', 'demo/page/state'],
  'demo/page/client/conversation': ['demo/page/client', 'demo/page/client/blocks', 'demo/page/state'],
  'demo/player': [
    ...['demo/clock', 'demo/cluster', 'demo/controllers', 'demo/kubelet', 'demo/registry', 'demo/slack', 'demo/stories'],
    'demo/page/page',
    ...[
      'app/service/backend',
      'queue/inline-queue',
      'queue/task-worker',
      'store/memory-store',
      'store/record-kind',
      'remedies/dry-run-diff',
      'telemetry/log',
    ],
    ...['app/config', 'app/service/service', 'telemetry/logger', 'cli/output', 'report/layout', 'text'],
  ],
  'demo/cluster': ['demo', 'demo/cluster/access', 'demo/cluster/writes', 'facts/kubernetes/label-selector'],
  'demo/cluster/access': ['demo/cluster'],
  'demo/cluster/writes': ['demo/cluster', 'demo/cluster/access', 'demo/cluster/writes/patches'],
  'demo/cluster/writes/patches': [],
  cli: ['cli/commands', 'cli/completion', ...CLI],
  'cli/commands': ['cli', ...CLI],
  'cli/completion': ['cli', 'cli/commands', ...CLI],
  // Puts the parts together.
  app: ['*'],
  'app/config': [
    'app/approvals',
    'app/text-file',
    'alerts/source',
    'cluster/cluster',
    'network/host-list',
    'routing/quiet-hours',
    'signing/keys',
    ...PURE_WORDS,
  ],
  'app/service': ['*'],
  'app/doctor': ['*'],
  doctor: ['report/layout', ...PURE_WORDS],
  // The files of src itself.
  '': ['cli', 'node', 'demo/player/command', 'app/config/variables', 'cluster/cluster', 'text/printable'],
};

/** Modules that let a pure room touch the world. */
const IMPURE = /^node:|^@kubernetes|^@slack|^bullmq|^ioredis/;
const PURE = [
  'text',
  'facts',
  'facts/kubernetes',
  ...DIAGNOSIS,
  'diagnosis/node-task',
  'remediation',
  'runbook',
  'incident',
  'report',
  'report/card',
  'report/formats',
  'incident-page',
  'alerts',
  'alerts/senders',
  'detection',
  'routing',
  'approval',
  'approval/preview',
  'audit',
];
/** What every room may import. */
const EVERYWHERE = ['errors', 'health', 'timing/deadline', 'timing/answer-cache', 'timing/expiring-map', 'timing/pause'];
/** More files side by side than this, and a room wants rooms of its own. */
const MAX_FILES = 17;

interface Import {
  readonly file: string;
  readonly target: string;
}

/** What a file imports: of our own files the path below src without its ending, of packages the name. */
function importsOf(file: string, text: string): Import[] {
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  return found.map((target) => ({
    file,
    target: target.startsWith('.') ? `./${normalize(join(dirname(file), target)).replace(/\.tsx?$/, '')}` : target,
  }));
}

/** The room of a file below src: its folder. */
function roomOf(file: string): string {
  return dirname(file) === '.' ? '' : dirname(file);
}

function isDemo(file: string): boolean {
  return file.startsWith('demo/');
}

/** Why an import is not allowed, or undefined. */
function objection({ file, target }: Import): string | undefined {
  const room = roomOf(file);
  const allowed = MAY_IMPORT[room];
  if (target.startsWith('./../')) return `${file} may not import ${target}, which is not of src`;
  if (isDemo(target.slice(2)) && !isDemo(file) && file !== 'demo.ts')
    return `${file} may not import ${target}: nobody needs the demo but itself`;
  if (!allowed) return `no rule says what ${room} may import`;
  if (!target.startsWith('./'))
    return PURE.includes(room) && IMPURE.test(target) ? `${room} is pure and may not import ${target}` : undefined;
  const wanted = target.slice(2);
  const fine =
    (EVERYWHERE.includes(wanted) && !(PURE.includes(room) && wanted.startsWith('timing/'))) ||
    allowed.includes('*') ||
    [room, ...allowed].some((place) => place === wanted || place === roomOf(wanted));
  return fine ? undefined : `${file} may not import ${wanted}`;
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

describe('who may import whom', () => {
  it.each(files)('%s imports only what its room may', (file) => {
    expect(importsOf(file, readFileSync(join('src', file), 'utf8')).flatMap((found) => objection(found) ?? [])).toEqual([]);
  });

  it('objects to what the design forbids', () => {
    const forbidden: readonly (readonly [string, string])[] = [
      ['facts/json.ts', '../diagnosis/finding.ts'],
      ['report/report.ts', '../timing/deadline.ts'],
      ['diagnosis/verdict.ts', '../remediation/advice.ts'],
      ['diagnosis/verdict.ts', 'node:fs'],
      ['diagnosis/registry/image-fit.ts', '../secret/keyring.ts'],
      ['diagnosis/message/pull-error.ts', '../pod/target.ts'],
      ['runbook/run.ts', '../incident/message.ts'],
      ['alerts/alert.ts', '../intake/intake.ts'],
      ['alerts/alert.ts', 'node:crypto'],
      ['approval/grant.ts', 'node:crypto'],
      ['approval/grant.ts', '../signing/ed25519.ts'],
      ['approval/status.ts', '../store/store.ts'],
      ['audit/audit-log.ts', '../store/store.ts'],
      ['audit/log/audit-log.ts', '../../store/redis/redis-store.ts'],
      ['steps/read-node.ts', '../cluster/kubernetes-cluster.ts'],
      ['steps/read-node.ts', '../runbook/run.ts'],
      ['engine/engine.ts', '../steps/read-pull-events.ts'],
      ['engine/engine.ts', '../store/memory-store.ts'],
      ['outbox/outbox.ts', '../store/redis/redis-collection.ts'],
      ['intake/intake.ts', '../slack/app.ts'],
      ['outbox/outbox.ts', '../slack/chat.ts'],
      ['report/report.ts', './card/card.ts'],
      ['report/card/card.ts', 'node:fs'],
      ['slack/views/pick.ts', '../interactions/picker.ts'],
      ['incident-page/page.ts', '../store/store.ts'],
      ['incident-page/scope-picture.ts', 'node:crypto'],
      ['incident-page/serving/routes.ts', '../../slack/app.ts'],
      ['slack/app.ts', '../store/store.ts'],
      ['network/http/client.ts', '../../registry/registry.ts'],
      ['cluster/kubernetes-cluster.ts', '../store/store.ts'],
      ['queue/inline-queue.ts', '../steps/step.ts'],
      ['cli/scan.ts', '../cluster/kubernetes-cluster.ts'],
      ['cli.ts', './app/app.ts'],
      ['node/prune/prune.ts', '../cri/grpc.ts'],
      ['node/perform.ts', '../app/runbooks.ts'],
      ['cli/commands/serve.ts', '../../demo/player/command.ts'],
      ['app/service/service.ts', '../../demo/clock.ts'],
      ['demo/player/environment.ts', '../../../test/support/people.ts'],
      ['demo/page/client/app.tsx', '../stage.ts'],
      ['newfolder/file.ts', '../diagnosis/verdict.ts'],
    ];
    for (const [file, target] of forbidden) {
      const [found] = importsOf(file, `import { x } from '${target}';`);
      expect(found && objection(found), `${file} importing ${target}`).toBeTypeOf('string');
    }
  });

  it('keeps rooms small', () => {
    const rooms = Map.groupBy(files, roomOf);
    expect([...rooms].filter(([, within]) => within.length > MAX_FILES).map(([room]) => room)).toEqual([]);
  });

  it('has a rule for each room, and a room for each rule', () => {
    expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });
});
