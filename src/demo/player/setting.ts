import { z } from 'zod';
import type { ClusterServer } from '../cluster/cluster-server.ts';
import { resourceOfKind } from '../cluster/resources.ts';
import type { RegistryServer } from '../registry/registry-server.ts';
import type { Happening, Story } from '../stories/story.ts';

/** Where all stories happen. */
export const NAMESPACE = 'shop';
/** What kubectl calls itself, and the bot does not. */
const BY_PEOPLE = 'fieldManager=kubectl-set';
/** The login of a story's pull secrets. It opens nothing but its registry, which is gone with it. */
const LOGIN = { username: 'robot', password: 'demo-password' } as const;

/** The pods of a workload, and what it asks for. */
export interface WorkloadState {
  readonly running: number;
  readonly waiting: number;
  /** Without the registry. */
  readonly image: string;
  /** A pod that has failed to pull. */
  readonly failing: string | undefined;
}

/** The cluster and the registry of a story. */
export interface Setting {
  /** Makes what the story has. */
  fill(): Promise<void>;
  /** Brings about what happens at an instant. */
  bring(happening: Exclude<Happening, { readonly step: 'pass' }>): Promise<void>;
  /** How often the bot has changed or deleted something in the cluster. */
  writes(): number;
  /** Throws where there is no such workload. */
  look(workload: string): WorkloadState;
}

const Pod = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    deletionTimestamp: z.string().nullish(),
    labels: z.record(z.string(), z.string()).nullish(),
  }),
  status: z.looseObject({
    phase: z.string().nullish(),
    containerStatuses: z
      .array(z.looseObject({ state: z.looseObject({ waiting: z.looseObject({ reason: z.string() }).nullish() }) }))
      .nullish(),
  }),
});
const Deployment = z.looseObject({
  spec: z.looseObject({ template: z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({ image: z.string() })) }) }) }),
});

/** The cluster and the registry of a story, with people who use them as kubectl and a build do. */
export function createSetting({
  story,
  cluster,
  registry,
  mirror,
}: {
  readonly story: Story;
  readonly cluster: ClusterServer;
  readonly registry: RegistryServer;
  readonly mirror: RegistryServer | undefined;
}): Setting {
  const inRegistry = (image: string) => `${registry.host}/${image}`;
  const { store } = cluster;

  async function send(method: 'POST' | 'PATCH', path: string, body: object): Promise<void> {
    const type = method === 'POST' ? 'application/json' : 'application/strategic-merge-patch+json';
    const answer = await fetch(`${cluster.url}${path}`, { method, headers: { 'content-type': type }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the stand-in of the cluster refuses ${method} ${path}: ${answer.status} ${await answer.text()}`);
  }

  function push(to: RegistryServer, image: string): void {
    const [repository = '', tag = ''] = image.split(':');
    to.repositories.push(repository, tag);
  }

  return {
    async fill() {
      for (const image of story.registry.images) push(registry, image);
      for (const image of story.registry.mirror ?? []) if (mirror) push(mirror, image);
      store.put({ kind: 'Namespace', metadata: { name: NAMESPACE } });
      store.put({ kind: 'ServiceAccount', metadata: { name: 'default', namespace: NAMESPACE } });
      for (const { repository, secret } of story.registry.private) {
        registry.repositories.lock(repository, LOGIN);
        const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64');
        const config = Buffer.from(JSON.stringify({ auths: { [registry.host]: { auth } } })).toString('base64');
        const data = { '.dockerconfigjson': config };
        await send('POST', `/api/v1/namespaces/${NAMESPACE}/secrets`, {
          kind: 'Secret',
          metadata: { name: secret },
          type: 'kubernetes.io/dockerconfigjson',
          data,
        });
      }
      for (const workload of story.workloads)
        await send('POST', `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, deploymentOf(workload, inRegistry(workload.image)));
    },
    async bring(happening) {
      if (happening.step === 'push') return push(registry, happening.image);
      if (happening.step === 'registry') return registry.meet(happening.answers === 'well' ? undefined : { status: happening.answers });
      const containers = [{ name: 'app', image: inRegistry(happening.image) }];
      const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${happening.workload}?${BY_PEOPLE}`;
      await send('PATCH', path, { spec: { template: { spec: { containers } } } });
    },
    writes: () => cluster.requests.filter((one) => /^(?:DELETE|PATCH|PUT) /.test(one) && !/dryRun=|fieldManager=kubectl/.test(one)).length,
    look(workload) {
      const deployment = Deployment.parse(store.get(resourceOfKind('Deployment'), `${NAMESPACE}/${workload}`));
      const prefix = `${NAMESPACE}/${workload}-`;
      const pods = [...store.range(resourceOfKind('Pod'), { prefix, from: prefix })]
        .map(([, pod]) => Pod.parse(pod))
        .filter(({ metadata }) => metadata.labels?.['app'] === workload && metadata.deletionTimestamp == null);
      const running = pods.filter(({ status }) => status.phase === 'Running').length;
      const failing = pods.find(({ status }) =>
        (status.containerStatuses ?? []).some(({ state }) => /^(?:ErrImagePull|ImagePullBackOff)$/.test(state.waiting?.reason ?? '')),
      );
      return {
        running,
        waiting: pods.length - running,
        image: (deployment.spec.template.spec.containers[0]?.image ?? '').replace(`${registry.host}/`, ''),
        failing: failing?.metadata.name,
      };
    },
  };
}

function deploymentOf({ name, replicas, pullSecret, appliedBy }: Story['workloads'][number], image: string): object {
  const labels = { app: name };
  const annotations = { 'argocd.argoproj.io/tracking-id': `${NAMESPACE}:apps/Deployment:${NAMESPACE}/${name}` };
  return {
    kind: 'Deployment',
    metadata: { name, labels, ...(appliedBy === undefined ? {} : { annotations }) },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent' }],
          ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
        },
      },
    },
  };
}
