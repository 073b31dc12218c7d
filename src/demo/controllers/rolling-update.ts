import type { Deployment } from './shapes.ts';

/** How many pods a ReplicaSet wants and has. */
export interface SetSize {
  readonly name: string;
  readonly wanted: number;
  readonly available: number;
}

/** What a rolling update has next: how many pods each ReplicaSet is to want, the newest and the others, by name. */
export function nextSizes(
  { spec }: Pick<Deployment, 'spec'>,
  { newest, others }: { readonly newest: SetSize; readonly others: readonly SetSize[] },
): ReadonlyMap<string, number> {
  const wanted = spec.replicas ?? 1;
  const { surge, unavailable } = bounds(spec, wanted);
  const total = (sizes: readonly SetSize[]) => sizes.reduce((sum, size) => sum + size.wanted, 0);
  const room = wanted + surge - total([newest, ...others]);
  const next = Math.min(wanted, newest.wanted + Math.max(0, room));
  const sizes = new Map([[newest.name, next]]);
  const least = wanted - unavailable;
  const missing = newest.wanted - newest.available;
  // First what does not run anyway, then what can be spared: kubernetes/pkg/controller/deployment/rolling.go.
  let broken = Math.max(0, total([newest, ...others]) - least - missing);
  const left = others.map((size) => {
    const drop = Math.min(broken, size.wanted - size.available);
    broken -= drop;
    return { ...size, wanted: size.wanted - drop };
  });
  let spare = [newest, ...others].reduce((sum, { available }) => sum + available, 0) - least;
  for (const { name, wanted: has, available } of left) {
    const drop = Math.min(Math.max(0, spare), available, has);
    spare -= drop;
    sizes.set(name, has - drop);
  }
  return sizes;
}

/** A quarter more and a quarter less, where the Deployment does not say otherwise; never nought of both. */
function bounds({ strategy }: Deployment['spec'], wanted: number): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge, maxUnavailable } = strategy?.rollingUpdate ?? {};
  const surge = share(maxSurge ?? '25%', wanted, Math.ceil);
  const unavailable = share(maxUnavailable ?? '25%', wanted, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function share(of: number | string, wanted: number, round: (value: number) => number): number {
  return typeof of === 'number' ? of : round((Number(/^(\d{1,3})%$/.exec(of)?.[1] ?? 0) * wanted) / 100);
}
