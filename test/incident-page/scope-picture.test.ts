import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PullSurvey } from '../../src/diagnosis/scope.ts';
import { MAX_NODES, MAX_ROWS, scopeTable, stateOfCell } from '../../src/incident-page/scope-cells.ts';
import { scopePicture, scopeWords } from '../../src/incident-page/scope-picture.ts';
import type { Run } from '../../src/runbook/run.ts';
import { bigDossier, dossier, memberPod } from '../support/dossiers.ts';
import { conclusionObject, runObject } from '../support/incidents.ts';

const IMAGE = 'registry.example/shop/web:2';
const podsOf = (given: { failing?: Parameters<typeof memberPod>[0][]; pulled?: Parameters<typeof memberPod>[0][] }) => ({
  failing: (given.failing ?? []).map(memberPod),
  pulled: (given.pulled ?? []).map(memberPod),
  total: 0,
  isAll: true,
});

/** A finished run that saw groups of other pods fail. */
function surveyed(
  groups: readonly { workload: string; node: string; pods: number; image?: string; namespace?: string }[],
  worksOn: readonly string[] = [],
): Run {
  const failing = groups.map(({ workload, node, pods, image = IMAGE, namespace = 'shop' }) => ({
    workload,
    node,
    namespace,
    image,
    registry: 'registry.example',
    symptom: 'tag-not-found' as const,
    pullSecrets: [],
    members: Array.from({ length: pods }, (_, at) => at),
    example: 'x',
  }));
  const survey: PullSurvey = {
    where: 'the cluster',
    pods: 9,
    nodes: 9,
    complete: true,
    failing,
    waiting: { sameNode: { pods: 0 } },
    working: {
      sameImage: { here: 0, elsewhere: worksOn.length, otherNodes: worksOn },
      sameRegistry: { here: 0, elsewhere: 0, otherNodes: [] },
      sameNode: { pods: 0 },
      sameSecret: { pods: 0, names: [] },
    },
  };
  const image = { kind: 'container', name: 'app', image: IMAGE, state: { status: 'failing', reason: 'ErrImagePull' } } as const;
  const run = runObject({ id: 'r' });
  return {
    ...run,
    target: { ...run.target, images: [image] },
    survey,
    failures: [
      {
        container: 'app',
        image,
        error: { symptom: 'tag-not-found', summary: '' },
        message: '',
        retry: { says: '' },
      } as unknown as Run['failures'][number],
    ],
    conclusion: {
      ...conclusionObject('tag-not-found'),
      container: 'app',
      scope: {
        level: 'image',
        pods: 3,
        workloads: groups.map(({ workload, namespace = 'shop' }) => `${namespace}/${workload}`),
        namespaces: ['shop'],
        nodes: [],
        says: '',
        counterexamples: [],
        lookedAt: '',
      },
    },
  };
}

describe('the table of the reach', () => {
  it('tells who fails and who has pulled since on which node, nodes in the order of their numbers', () => {
    const pods = podsOf({
      failing: [
        { pod: 'a', node: 'node-10' },
        { pod: 'b', node: 'node-2' },
      ],
      pulled: [{ pod: 'c', node: 'node-1' }],
    });
    const table = scopeTable(dossier({ pods }));
    expect(table.nodes).toEqual(['node-1', 'node-2', 'node-10']);
    expect(table.rows.map(({ name, cells }) => [name, cells.map(stateOfCell)])).toEqual([
      ['shop/Deployment/web', ['pulled', 'failing', 'failing']],
    ]);
  });

  it('counts a pod that was seen to pull no more as failing', () => {
    const pod = { pod: 'a', node: 'node-1' };
    const [row] = scopeTable(dossier({ pods: podsOf({ failing: [pod], pulled: [pod] }) })).rows;
    expect(row?.cells.map(stateOfCell)).toEqual(['pulled']);
  });

  it('adds what the diagnosis saw of others, and where the image runs; another image of the workload is not a part of it', () => {
    const run = surveyed(
      [
        { workload: 'Deployment/web', node: 'node-1', pods: 3 },
        { workload: 'Deployment/api', node: 'node-2', pods: 1 },
      ],
      ['node-3'],
    );
    const other = surveyed([{ workload: 'Deployment/web', node: 'node-4', pods: 1, image: 'other:1' }]);
    const odd = { ...other, failures: run.failures.map((one) => ({ ...one, error: { ...one.error, symptom: 'dns-failure' as const } })) };
    const table = scopeTable(dossier({ runs: [odd, run], pods: podsOf({ failing: [{ pod: 'a', node: 'node-1' }] }) }));
    expect(table.nodes).toEqual(['node-1', 'node-2', 'node-3']);
    expect(scopeWords(table)).toEqual([
      'shop/Deployment/web: could not pull when last seen on node-1 (3 pods).',
      'shop/Deployment/api: could not pull when it was diagnosed on node-2.',
      `The image ${IMAGE}: runs on node-3.`,
    ]);
    expect(scopeTable(dossier({ runs: [odd] })).rows).toEqual([]);
  });

  it('names nothing of namespaces that the reader may not know of, and counts their workloads', () => {
    const run = surveyed([{ workload: 'Deployment/secret-plan', node: 'node-9', pods: 1, namespace: 'board' }]);
    const pods = podsOf({
      failing: [
        { pod: 'a', node: 'node-1' },
        { pod: 'merger', node: 'node-8', namespace: 'board', workload: 'Job/merger' },
      ],
    });
    const table = scopeTable(dossier({ runs: [run], pods }));
    expect(JSON.stringify(table)).not.toMatch(/board|secret-plan|merger|node-[89]/);
    expect(table.hidden).toBe(2);
    expect(scopeWords(table).at(-1)).toBe('And 2 workloads in namespaces that you may not ask about.');
  });

  it('is cut to what can be read, keeps where most fails, and says what is left out', () => {
    const failing = Array.from({ length: 50 }, (_, n) => ({ pod: `p${n}`, node: `node-${n}`, workload: `Deployment/w${n}` }));
    const worst = [1, 2, 3].map((n) => ({ pod: `q${n}`, node: 'node-49', workload: 'Deployment/w49' }));
    const table = scopeTable(dossier({ pods: podsOf({ failing: [...failing, ...worst] }) }));
    expect([table.nodes.length, table.rows.length]).toEqual([MAX_NODES, MAX_ROWS]);
    expect(table.rows[0]?.name).toBe('shop/Deployment/w49');
    expect(table.nodes).toContain('node-49');
    expect(scopeWords(table).slice(-2)).toEqual(['And 30 more workloads that are not drawn.', 'And 20 more nodes that are not drawn.']);
  });
});

describe('the picture of the reach', () => {
  it('is what was looked at', async () => {
    expect(scopePicture(scopeTable(await bigDossier())).markup).toBe(readFileSync('test/incident-page/scope-picture.html', 'utf8'));
  });

  it('tells each state by a shape of its own, with a title for each mark and all in its description', () => {
    const run = surveyed([{ workload: 'Deployment/api', node: 'node-2', pods: 2 }], ['node-3']);
    const table = scopeTable(
      dossier({ runs: [run], pods: podsOf({ failing: [{ pod: 'a', node: 'node-1' }], pulled: [{ pod: 'b', node: '' }] }) }),
    );
    const { markup } = scopePicture(table);
    const marks = [...markup.matchAll(/<g><title>([^<]*)<\/title>(.*?)<\/g>/g)].map(([, title = '', shapes = '']) => [
      title,
      shapes.match(/<(?:rect|circle|path) class="\w+"/g),
    ]);
    expect(marks).toEqual([
      ['shop/Deployment/api on node-2: 2 pods could not pull when it was diagnosed', ['<rect class="failed"', '<path class="stroke"']],
      ['shop/Deployment/web on no node: 1 pod pulled since', ['<circle class="pulled"', '<path class="tick"']],
      ['shop/Deployment/web on node-1: 1 pod could not pull when last seen', ['<rect class="failing"', '<path class="cross"']],
      [`${IMAGE} on node-3: the same image runs there`, ['<circle class="works"']],
    ]);
    expect(markup).toMatch(/role="img" aria-labelledby="scope-title scope-desc"/);
    for (const line of scopeWords(table)) expect(markup).toContain(line);
  });

  it('lets no name out of its place', () => {
    const evil = '</text><script>alert(1)</script>&"\'';
    const { markup } = scopePicture(scopeTable(dossier({ pods: podsOf({ failing: [{ pod: 'a', node: evil, workload: evil }] }) })));
    expect(markup).not.toContain('<script');
    expect(markup).toContain('&lt;/text&gt;');
  });
});
