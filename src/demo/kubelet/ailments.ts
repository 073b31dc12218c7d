import { createHash } from 'node:crypto';
import type { Later } from '../clock.ts';
import type { ObjectStore } from '../cluster/object-store.ts';
import { resourceOfKind } from '../cluster/resources.ts';

/** What a node may suffer from. */
export type Ailment = 'full' | 'without-runtime';

/** What its runtime, or the kubelet for it, says about a pull, and what the kubelet notices a while later. */
const SIGNS = {
  full: {
    says: (image: string) => {
      const digest = createHash('sha256').update(image).digest('hex');
      const path = `/var/lib/containerd/io.containerd.content.v1.content/ingest/${digest}/data`;
      return `failed to pull and unpack image "${image}": failed to copy: write ${path}: no space left on device`;
    },
    condition: { type: 'DiskPressure', status: 'True', reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' },
    taint: 'node.kubernetes.io/disk-pressure',
  },
  'without-runtime': {
    says: () =>
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such file or directory"',
    condition: {
      type: 'Ready',
      status: 'False',
      reason: 'KubeletNotReady',
      message: 'container runtime is down',
    },
    taint: 'node.kubernetes.io/not-ready',
  },
} as const;
/** How long the kubelet takes to notice, ms: its eviction manager looks every 10 s. */
const NOTICED_MS = 10_000;

const NODES = resourceOfKind('Node');

/** What the nodes of a cluster ail. */
export class Ailments {
  readonly #parts: { readonly store: ObjectStore; readonly clock: Later };
  readonly #known = new Map<string, Ailment>();

  constructor(parts: { readonly store: ObjectStore; readonly clock: Later }) {
    this.#parts = parts;
  }

  /** What a pull on a node ends with; undefined where it is well. */
  of(node: string): ((image: string) => string) | undefined {
    const ailment = this.#known.get(node);
    return ailment === undefined ? undefined : SIGNS[ailment].says;
  }

  /** From now on, until it is well again; its conditions follow. Nothing is evicted. */
  set(node: string, ailment: Ailment | undefined): void {
    if (ailment === undefined) this.#known.delete(node);
    else this.#known.set(node, ailment);
    this.#parts.clock.after(NOTICED_MS, () => this.#note(node));
  }

  #note(node: string): void {
    const { store } = this.#parts;
    const object = store.get(NODES, node);
    if (object === undefined) return;
    const ailment = this.#known.get(node);
    const sign = ailment === undefined ? undefined : SIGNS[ailment];
    const conditions = WELL.map((one) => (one.type === sign?.condition.type ? sign.condition : one));
    const taints = sign === undefined ? [] : [{ key: sign.taint, effect: 'NoSchedule' }];
    store.write(NODES, { ...object, spec: { ...Object(object['spec']), taints }, status: { ...Object(object['status']), conditions } });
  }
}

/** The conditions of a node that is well. */
export const WELL = [
  { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
  { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
] as const;
