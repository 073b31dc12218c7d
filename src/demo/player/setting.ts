import { z } from 'zod';
import type { ClusterServer } from '../cluster/cluster-server.ts';
import { resourceOfKind } from '../cluster/resources.ts';
import type { Ailment } from '../kubelet/ailments.ts';
import { imageCalled } from '../registry/images.ts';
import type { RegistryServer } from '../registry/registry-server.ts';
import type { Happening, Story } from '../stories/story.ts';

/** Where all stories happen. */
export const NAMESPACE = 'shop';
/** What kubectl calls itself, and the bot does not. */
const BY_PEOPLE = 'fieldManager=kubectl-set';
/** The login of a story's pull secrets. It opens nothing but its registry, which is gone with it. */
const LOGIN = { username: 'robot', password: 'demo-password' } as const;

/** One that was right once. */
const OLD_LOGIN = { username: 'robot', password: 'demo-password-of-last-year' } as const;
/** What a container waits for whose image cannot be had. */
const FAILING = /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull)$/;
/** How long a registry asks those without an account to wait, s. */
const RETRY_AFTER_S = 600;

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
  spec: z.looseObject({
    template: z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string() })) }) }),
  }),
});

/** The cluster and the registry of a story, with people who use them as kubectl and a build do. */
export function createSetting({
  story,
  cluster,
  registry,
  mirror,
  ail,
}: {
  readonly story: Story;
  readonly cluster: ClusterServer;
  readonly registry: RegistryServer;
  readonly mirror: RegistryServer | undefined;
  /** What a node ails from now on; undefined makes it well. */
  readonly ail: (node: string, ailment: Ailment | undefined) => void;
}): Setting {
  const inRegistry = (image: string) => `${registry.host}/${image.replace(/@.*$/, '')}${digestIn(image)}`;
  const { store } = cluster;

  async function send(method: 'POST' | 'PATCH', path: string, body: object): Promise<void> {
    const type = method === 'POST' ? 'application/json' : 'application/strategic-merge-patch+json';
    const answer = await fetch(`${cluster.url}${path}`, { method, headers: { 'content-type': type }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the stand-in of the cluster refuses ${method} ${path}: ${answer.status} ${await answer.text()}`);
  }

  function push(to: RegistryServer, image: string): void {
    const [repository = '', tag = ''] = image.split(':');
    to.repositories.push(repository, tag, story.registry.arm64.includes(image) ? ['arm64'] : undefined);
  }

  /** Writes a pull secret as kubectl does, over what is there. */
  async function writeSecret(name: string, { username, password }: typeof LOGIN | typeof OLD_LOGIN): Promise<void> {
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    const config = Buffer.from(JSON.stringify({ auths: { [registry.host]: { auth } } })).toString('base64');
    const path = `/api/v1/namespaces/${NAMESPACE}/secrets`;
    const data = { '.dockerconfigjson': config };
    if (store.get(resourceOfKind('Secret'), `${NAMESPACE}/${name}`)) return send('PATCH', `${path}/${name}?${BY_PEOPLE}`, { data });
    await send('POST', path, { kind: 'Secret', metadata: { name }, type: 'kubernetes.io/dockerconfigjson', data });
  }

  async function fillSecrets(): Promise<void> {
    const { private: locked, account } = story.registry;
    for (const { repository, secret, is } of locked) {
      registry.repositories.lock(repository, LOGIN);
      if (is !== 'missing') await writeSecret(secret, is === 'right' ? LOGIN : OLD_LOGIN);
    }
    if (account === undefined) return;
    registry.repositories.enrol(LOGIN);
    await writeSecret(account, LOGIN);
  }

  async function changeTemplate(workload: string, container: object): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${workload}?${BY_PEOPLE}`;
    await send('PATCH', path, { spec: { template: { spec: { containers: [{ name: 'app', ...container }] } } } });
  }

  return {
    async fill() {
      for (const image of story.registry.images) push(registry, image);
      for (const image of story.registry.mirror ?? []) if (mirror) push(mirror, image);
      store.put({ kind: 'Namespace', metadata: { name: NAMESPACE } });
      store.put({ kind: 'ServiceAccount', metadata: { name: 'default', namespace: NAMESPACE } });
      await fillSecrets();
      for (const workload of story.workloads)
        await send('POST', `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, deploymentOf(workload, inRegistry));
    },
    async bring(happening) {
      switch (happening.step) {
        case 'push':
          return push(registry, happening.image);
        case 'remove': {
          const [repository = '', tag = ''] = happening.image.split(':');
          return registry.repositories.remove(repository, tag);
        }
        case 'registry':
          return registry.meet(troubleOf(happening.answers));
        case 'secret':
          return writeSecret(happening.secret, LOGIN);
        case 'node':
          return ail(happening.node, happening.is === 'well' ? undefined : happening.is);
        case 'pull-policy':
          return changeTemplate(happening.workload, { imagePullPolicy: happening.policy });
        case 'set-image':
          return changeTemplate(happening.workload, { image: inRegistry(happening.image) });
      }
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
        (status.containerStatuses ?? []).some(({ state }) => FAILING.test(state.waiting?.reason ?? '')),
      );
      return {
        running,
        waiting: pods.length - running,
        image: (deployment.spec.template.spec.containers.find(({ name }) => name === 'app')?.image ?? '').replace(`${registry.host}/`, ''),
        failing: failing?.metadata.name,
      };
    },
  };
}

/** The digest of the tag after an `@`, whether it is there or not. */
function digestIn(image: string): string {
  const [name = '', tag] = image.split('@');
  return tag === undefined ? '' : `@${imageCalled(`${name}:${tag}`).manifest.digest}`;
}

type Answers = Extract<Happening, { readonly step: 'registry' }>['answers'];

function troubleOf(answers: Answers): Parameters<RegistryServer['meet']>[0] {
  if (answers === 'well') return undefined;
  if (answers === 'limits') return { status: 429, retryAfterS: RETRY_AFTER_S, anonymousOnly: true };
  return answers === 'gone' ? 'gone' : { status: answers };
}

function deploymentOf(
  { name, replicas, image, sidecar, pullSecret, pullPolicy, appliedBy }: Story['workloads'][number],
  inRegistry: (image: string) => string,
): object {
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
          containers: [
            ...(sidecar === undefined ? [] : [{ name: 'proxy', image: inRegistry(sidecar), imagePullPolicy: 'IfNotPresent' }]),
            { name: 'app', image: inRegistry(image), imagePullPolicy: pullPolicy },
          ],
          ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
        },
      },
    },
  };
}
