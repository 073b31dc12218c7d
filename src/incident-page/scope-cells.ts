import type { FailureGroup } from '../diagnosis/scope.ts';
import type { Run } from '../runbook/run.ts';
import type { Dossier } from './dossier.ts';

/** What is known of the pods of one row on one node. */
export interface ScopeCell {
  /** Pods that could not pull when they were last seen. */
  readonly failing: number;
  /** Pods that were seen to have their image since. */
  readonly pulled: number;
  /** Pods that failed when it was diagnosed, and of which nothing was seen since. */
  readonly failed: number;
  /** True where pods have the same image there. */
  readonly works: boolean;
}

/** A workload, or the image that the verdict is about. */
export interface ScopeRow {
  readonly kind: 'workload' | 'image';
  readonly name: string;
  /** One for each node of the picture; undefined where nothing is known. */
  readonly cells: readonly (ScopeCell | undefined)[];
}

/** How far a problem reaches, as a table of nodes and workloads that is cut to what can be read. */
export interface ScopeTable {
  /** Empty for pods that were on no node. */
  readonly nodes: readonly string[];
  readonly rows: readonly ScopeRow[];
  readonly nodesLeftOut: number;
  readonly rowsLeftOut: number;
  /** Workloads in namespaces that the reader may not know of. */
  readonly hidden: number;
}

/** More of either is said and not drawn. */
export const MAX_NODES = 30;
export const MAX_ROWS = 20;

const NOTHING: ScopeCell = { failing: 0, pulled: 0, failed: 0, works: false };

/** Who failed on which node, out of the pods that belong to the incident and what the newest finished run saw of others. */
export function scopeTable({ runs, pods, namespaces }: Dossier): ScopeTable {
  const workloads = new Map<string, Map<string, ScopeCell>>();
  const add = (workload: string, node: string, more: Partial<ScopeCell>): void => {
    const row = workloads.get(workload) ?? new Map<string, ScopeCell>();
    workloads.set(workload, row.set(node, { ...(row.get(node) ?? NOTHING), ...more }));
  };
  const cellOf = (workload: string, node: string): ScopeCell => workloads.get(workload)?.get(node) ?? NOTHING;
  const hidden = new Set<string>();
  const mayKnow = (spot: Spot): boolean => {
    if (!namespaces.has(spot.namespace)) hidden.add(rowName(spot));
    return namespaces.has(spot.namespace);
  };
  const pulled = new Set(pods.pulled.map(nameOf));
  for (const pod of pods.pulled.filter(mayKnow)) add(rowName(pod), pod.node, { pulled: cellOf(rowName(pod), pod.node).pulled + 1 });
  for (const pod of pods.failing.filter(mayKnow))
    if (!pulled.has(nameOf(pod))) add(rowName(pod), pod.node, { failing: cellOf(rowName(pod), pod.node).failing + 1 });
  const run = runs.findLast(({ conclusion }) => conclusion !== undefined);
  for (const group of (run ? alike(run) : []).filter(mayKnow)) {
    const { failing, pulled: since, failed } = cellOf(rowName(group), group.node);
    add(rowName(group), group.node, { failed: Math.max(failed, group.members.length - failing - since) });
  }
  const works = new Map((run?.survey?.working.sameImage.otherNodes ?? []).map((node) => [node, { ...NOTHING, works: true }] as const));
  const image = run && imageOf(run);
  return cutToSize({ workloads, image: image === undefined || works.size === 0 ? undefined : { name: image, cells: works } }, hidden.size);
}

function nameOf({ namespace, pod, uid, container }: Dossier['pods']['failing'][number]): string {
  return [namespace, pod, uid, container].join(' ');
}

interface Spot {
  readonly namespace: string;
  readonly workload: string;
}

function rowName({ namespace, workload }: Spot): string {
  return `${namespace}/${workload}`;
}

/** The image that the verdict is about. */
export function imageOf({ target, conclusion }: Run): string | undefined {
  return target.images.find(({ name }) => name === conclusion?.container)?.image;
}

/** The groups of the survey that the conclusion counts as failing alike: of its workloads, with its image or its error. */
function alike(run: Run): readonly FailureGroup[] {
  const { conclusion, survey, failures } = run;
  const concerned = new Set(conclusion?.scope?.workloads ?? []);
  const lead = failures.find(({ container }) => container === conclusion?.container);
  return (survey?.failing ?? []).filter(
    (group) => concerned.has(rowName(group)) && (group.image === lead?.image.image || group.symptom === lead?.error.symptom),
  );
}

interface Found {
  readonly workloads: ReadonlyMap<string, ReadonlyMap<string, ScopeCell>>;
  readonly image: { readonly name: string; readonly cells: ReadonlyMap<string, ScopeCell> } | undefined;
}

/** Where most has failed is kept; workloads stand in that order, nodes by their names. The same is drawn each time. */
function cutToSize({ workloads, image }: Found, hidden: number): ScopeTable {
  const weightOf = (cells: Iterable<ScopeCell>): number =>
    [...cells].reduce((sum, { failing, failed, pulled }) => sum + failing + failed + pulled, 0);
  const byWeight = (weights: ReadonlyMap<string, number>): readonly string[] =>
    [...weights].sort(([a, one], [b, other]) => other - one || byName(a, b)).map(([name]) => name);
  const names = byWeight(new Map([...workloads].map(([name, cells]) => [name, weightOf(cells.values())])));
  const nodeWeights = new Map<string, number>([...(image?.cells.keys() ?? [])].map((node) => [node, 0]));
  for (const cells of workloads.values())
    for (const [node, cell] of cells) nodeWeights.set(node, (nodeWeights.get(node) ?? 0) + weightOf([cell]));
  const nodes = byWeight(nodeWeights);
  const shown = nodes.slice(0, MAX_NODES).sort(byName);
  const most = image ? MAX_ROWS - 1 : MAX_ROWS;
  return {
    nodes: shown,
    rows: [
      ...names
        .slice(0, most)
        .map((name): ScopeRow => ({ kind: 'workload', name, cells: shown.map((node) => workloads.get(name)?.get(node)) })),
      ...(image ? [{ kind: 'image', name: image.name, cells: shown.map((node) => image.cells.get(node)) } as const] : []),
    ],
    nodesLeftOut: nodes.length - shown.length,
    rowsLeftOut: Math.max(0, names.length - most),
    hidden,
  };
}

/** `node-2` before `node-10`. */
function byName(a: string, b: string): number {
  const [one, other] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (const [at, part] of one.entries()) {
    const against = other[at] ?? '';
    if (part === against) continue;
    const difference = Number(part) - Number(against);
    return Number.isNaN(difference) || difference === 0 ? (part < against ? -1 : 1) : difference;
  }
  return one.length - other.length;
}

/** How one cell is drawn and told: the worst of what is known of it. */
export type CellState = 'failing' | 'failed' | 'pulled' | 'works';

/** The state of a cell; undefined for one of which nothing is known. */
export function stateOfCell(cell: ScopeCell | undefined): CellState | undefined {
  if (cell === undefined) return undefined;
  if (cell.failing > 0) return 'failing';
  if (cell.failed > 0) return 'failed';
  return cell.pulled > 0 ? 'pulled' : 'works';
}
