import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const PORTS = ['cluster/cluster', 'registry/registry', 'chat/chat', 'store/store', 'queue/task-queue'];
/** What every folder may import besides what is listed for it. */
const EVERYWHERE = ['errors', 'log', 'answer-memory'];

/** What each folder of src may import, besides itself and errors.ts: folders, or single files. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  diagnosis: [],
  remediation: ['diagnosis'],
  runbook: ['diagnosis', 'remediation'],
  incident: ['diagnosis', 'remediation', 'runbook'],
  report: ['diagnosis', 'remediation', 'runbook', 'incident'],
  steps: ['diagnosis', 'remediation', ...PORTS],
  engine: ['diagnosis', 'remediation', 'runbook', 'incident', 'report', 'steps/step', 'chat/desk', ...PORTS],
  cluster: ['diagnosis'],
  registry: ['diagnosis'],
  chat: ['diagnosis', 'runbook', 'incident'],
  store: ['diagnosis', 'remediation', 'runbook', 'incident'],
  queue: ['runbook', 'incident'],
  recording: ['diagnosis', 'cluster/cluster', 'registry/registry', 'steps/step'],
  telemetry: ['diagnosis'],
  demo: [],
  cli: [
    'app',
    'service',
    'config',
    'installed',
    'runbooks',
    'diagnosis',
    'report',
    'cluster/cluster',
    'recording/recording-folder',
    'telemetry',
  ],
};

/** Files of src itself: app.ts, service.ts and backend.ts put the parts together and may import everything, the others only this. */
const TOP_LEVEL: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  log: [],
  'answer-memory': [],
  installed: [],
  runbooks: ['diagnosis', 'remediation', 'runbook', 'steps/index'],
  config: ['cluster/cluster'],
  cli: ['cli', 'cluster/cluster', 'report/printable'],
};

/** Modules that let a pure folder touch the world. */
const IMPURE = /^node:|^@kubernetes|^@slack|^bullmq|^ioredis/;
const PURE = ['diagnosis', 'remediation', 'runbook', 'incident', 'report'];

interface Import {
  readonly file: string;
  readonly target: string;
}

function importsOf(file: string, text: string): Import[] {
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  return found.map((target) => ({
    file,
    target: target.startsWith('.') ? normalize(join(dirname(file), target)).replace(/\.ts$/, '') : target,
  }));
}

/** Why an import is not allowed, or undefined. */
function objection({ file, target }: Import): string | undefined {
  const [folder = '', ...rest] = file.split('/');
  if (rest.length === 0) return topLevelObjection(file.replace(/\.ts$/, ''), target);
  const isPackage = !target.includes('/')
    ? !['app', 'service', 'backend', 'config', 'installed', 'runbooks', ...EVERYWHERE].includes(target)
    : /^(?:node:|@)/.test(target);
  if (isPackage) return PURE.includes(folder) && IMPURE.test(target) ? `${folder} is pure and may not import ${target}` : undefined;
  const allowed = MAY_IMPORT[folder];
  if (!allowed) return `no rule says what ${folder} may import`;
  const fine = EVERYWHERE.includes(target) || [folder, ...allowed].some((place) => target === place || target.startsWith(`${place}/`));
  return fine ? undefined : `${file} may not import ${target}`;
}

function topLevelObjection(file: string, target: string): string | undefined {
  if (
    ['app', 'service', 'backend'].includes(file) ||
    /^(?:node:|@)/.test(target) ||
    (!target.includes('/') && !['app', 'service', 'backend', 'config', 'installed', 'runbooks'].includes(target))
  )
    return undefined;
  const allowed = TOP_LEVEL[file];
  if (!allowed) return `no rule says what ${file} may import`;
  return [...allowed, 'errors'].some((place) => target === place || target.startsWith(`${place}/`))
    ? undefined
    : `${file} may not import ${target}`;
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

describe('who may import whom', () => {
  it.each(files)('%s imports only what its folder may', (file) => {
    expect(importsOf(file, readFileSync(join('src', file), 'utf8')).flatMap((found) => objection(found) ?? [])).toEqual([]);
  });

  it('objects to what the design forbids', () => {
    const forbidden: readonly (readonly [string, string])[] = [
      ['diagnosis/verdict.ts', '../remediation/plan.ts'],
      ['diagnosis/verdict.ts', 'node:fs'],
      ['runbook/run.ts', '../incident/message.ts'],
      ['steps/read-node.ts', '../cluster/kubernetes-cluster.ts'],
      ['steps/read-node.ts', '../runbook/run.ts'],
      ['engine/engine.ts', '../steps/read-pull-events.ts'],
      ['engine/engine.ts', '../store/memory-store.ts'],
      ['cluster/kubernetes-cluster.ts', '../store/store.ts'],
      ['queue/inline-queue.ts', '../steps/step.ts'],
      ['cli/scan.ts', '../cluster/kubernetes-cluster.ts'],
      ['cli.ts', './app.ts'],
      ['newfolder/file.ts', '../diagnosis/verdict.ts'],
    ];
    for (const [file, target] of forbidden) {
      const [found] = importsOf(file, `import { x } from '${target}';`);
      expect(found && objection(found), `${file} importing ${target}`).toBeTypeOf('string');
    }
  });
});
