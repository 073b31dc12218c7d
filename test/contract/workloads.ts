import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually } from '../support/eventually.ts';
import { type ApiAddress, ask } from './api-target.ts';

/** A cluster whose controllers and kubelets are at work, and an image that its nodes can pull. */
export interface WorkloadTarget {
  readonly address: ApiAddress;
  /** Without a tag; with the registry. */
  readonly repository: string;
  giveTag(tag: string): Promise<void>;
  /** How long the slowest of it may take, ms: a kubelet that tries again by itself. */
  readonly patienceMs: number;
}

const Metadata = z.looseObject({
  name: z.string(),
  uid: z.string(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  ownerReferences: z
    .array(z.looseObject({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().optional() }))
    .default([]),
});
const Workload = z.looseObject({
  metadata: Metadata,
  spec: z.looseObject({ replicas: z.number() }),
  status: z.looseObject({ readyReplicas: z.number().default(0) }),
});
const Waiting = z.looseObject({ reason: z.string(), message: z.string().default('') });
const Pod = z.looseObject({
  metadata: Metadata,
  status: z.looseObject({
    phase: z.string(),
    containerStatuses: z.array(z.looseObject({ imageID: z.string(), state: z.looseObject({ waiting: Waiting.optional() }) })).default([]),
  }),
});
const Event = z.looseObject({
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  count: z.number().nullish(),
  involvedObject: z.looseObject({ uid: z.string().optional(), fieldPath: z.string().optional() }),
});

const REVISION = 'deployment.kubernetes.io/revision';

/** What Deployments, their pods and kubelets do on the stand-in as on a real cluster. Where they differ, the real one is right. */
export function describeWorkloads(target: () => WorkloadTarget): void {
  const namespaces: string[] = [];
  afterAll(async () => {
    for (const name of namespaces) await ask(target().address, { method: 'DELETE', path: `/api/v1/namespaces/${name}` });
  });
  const soon = (check: () => Promise<void>) => eventually(check, target().patienceMs);

  /** A Deployment of a namespace of its own. */
  async function deployment(
    tag: string,
    replicas = 1,
    given: { readonly container?: object; readonly pullSecrets?: readonly string[] } = {},
  ) {
    const { address, repository } = target();
    const { body } = await ask(address, {
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { metadata: { generateName: 'imagepull-workloads-' } },
    });
    const namespace = body.metadata.name;
    namespaces.push(namespace);
    const at = (kind: string, name = '') => `/apis/apps/v1/namespaces/${namespace}/${kind}${name === '' ? '' : `/${name}`}`;
    const core = (kind: string, name = '') => `/api/v1/namespaces/${namespace}/${kind}${name === '' ? '' : `/${name}`}`;
    const listed = async (path: string) => (await ask(address, { path })).body.items ?? [];
    const imageOf = (of: string) => `${repository}:${of}`;
    const spec = (of: string) => ({
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      containers: [{ name: 'app', image: imageOf(of), imagePullPolicy: 'IfNotPresent', ...given.container }],
      ...(given.pullSecrets === undefined ? {} : { imagePullSecrets: given.pullSecrets.map((name) => ({ name })) }),
    });
    const labels = { app: 'web' };
    const body1 = {
      metadata: { name: 'web' },
      spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: spec(tag) } },
    };
    const made = await ask(address, { method: 'POST', path: at('deployments'), body: body1 });
    expect(made.status, made.text).toBe(201);
    return {
      image: imageOf(tag),
      imageOf,
      read: async () => Workload.parse((await ask(address, { path: at('deployments', 'web') })).body),
      sets: async () => (await listed(at('replicasets'))).map((set) => Workload.parse(set)),
      pods: async () =>
        (await listed(core('pods'))).map((pod) => Pod.parse(pod)).filter(({ metadata }) => metadata.deletionTimestamp === undefined),
      events: async (uid: string) =>
        (await listed(core('events'))).map((event) => Event.parse(event)).filter(({ involvedObject }) => involvedObject.uid === uid),
      async setImage(of: string) {
        const contentType = 'application/strategic-merge-patch+json';
        const patch = { spec: { template: { spec: { containers: [{ name: 'app', image: imageOf(of) }] } } } };
        expect((await ask(address, { method: 'PATCH', path: at('deployments', 'web'), contentType, body: patch })).status).toBe(200);
      },
      removePod: (name: string) => ask(address, { method: 'DELETE', path: core('pods', name) }),
      remove: () => ask(address, { method: 'DELETE', path: at('deployments', 'web'), body: { propagationPolicy: 'Background' } }),
    };
  }
  type Deployed = Awaited<ReturnType<typeof deployment>>;

  async function newTag(): Promise<string> {
    const tag = `imagepull-${randomUUID().slice(0, 8)}`;
    await target().giveTag(tag);
    return tag;
  }
  const missingTag = () => `imagepull-${randomUUID().slice(0, 8)}`;
  const running = (web: Deployed, count: number) =>
    soon(async () => expect((await web.pods()).map(({ status }) => status.phase)).toEqual(Array.from({ length: count }, () => 'Running')));
  /** The pod that waits for that reason. */
  const waitingFor = (reason: string, web: Deployed) =>
    eventually(async () => {
      const pods = await web.pods();
      const found = pods.find(({ status }) => status.containerStatuses[0]?.state.waiting?.reason === reason);
      if (found === undefined) throw new Error(`no pod waits for ${reason}: ${JSON.stringify(pods.map(({ status }) => status))}`);
      return found;
    }, target().patienceMs);
  /** The pod that waits for its image, in back-off. */
  const backingOff = (web: Deployed) => waitingFor('ImagePullBackOff', web);

  describe('a Deployment', () => {
    it('has a ReplicaSet of the first revision, whose pods run', async () => {
      const web = await deployment(await newTag(), 2);
      await running(web, 2);
      const { metadata } = await web.read();
      const [set, ...others] = await web.sets();
      expect(others).toEqual([]);
      expect(set?.metadata.annotations[REVISION]).toBe('1');
      expect(set?.metadata.ownerReferences).toMatchObject([{ kind: 'Deployment', name: 'web', uid: metadata.uid, controller: true }]);
      const hash = set?.metadata.labels['pod-template-hash'];
      expect(set?.metadata.name).toBe(`web-${hash}`);
      for (const pod of await web.pods()) {
        expect(pod.metadata.name).toMatch(new RegExp(`^web-${hash}-[a-z0-9]{5}$`));
        expect(pod.metadata.labels).toEqual({ app: 'web', 'pod-template-hash': hash });
        expect(pod.metadata.ownerReferences).toMatchObject([{ kind: 'ReplicaSet', uid: set?.metadata.uid, controller: true }]);
        expect(pod.status.containerStatuses[0]?.imageID).toMatch(/^[^@]+@sha256:[0-9a-f]{64}$/);
      }
      await soon(async () => {
        const now = await web.read();
        expect(now.status).toMatchObject({ replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 });
        expect(now.metadata.annotations[REVISION]).toBe('1');
      });
    });

    it('that goes on to a tag that is missing keeps the pods that run, and is whole again after it went back', async () => {
      const good = await newTag();
      const web = await deployment(good, 2);
      await running(web, 2);
      const before = (await web.pods()).map(({ metadata }) => metadata.uid).sort();
      await web.setImage(missingTag());
      await backingOff(web);
      const sizes = async () =>
        Object.fromEntries((await web.sets()).map(({ metadata, spec }) => [metadata.annotations[REVISION], spec.replicas]));
      expect(await sizes()).toEqual({ 1: 2, 2: 1 });
      const still = (await web.pods()).filter(({ status }) => status.phase === 'Running').map(({ metadata }) => metadata.uid);
      expect(still.sort()).toEqual(before);
      await web.setImage(good);
      await soon(async () => expect(await sizes()).toEqual({ 2: 0, 3: 2 }));
      await running(web, 2);
      expect((await web.pods()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
      await soon(async () => expect((await web.read()).metadata.annotations[REVISION]).toBe('3'));
    });

    it('that goes on to a tag that is there replaces all pods', async () => {
      const web = await deployment(await newTag(), 3);
      await running(web, 3);
      const before = new Set((await web.pods()).map(({ metadata }) => metadata.uid));
      await web.setImage(await newTag());
      await soon(async () => {
        const pods = await web.pods();
        expect(pods.filter(({ metadata, status }) => !before.has(metadata.uid) && status.phase === 'Running')).toHaveLength(3);
        expect(pods).toHaveLength(3);
      });
      expect((await web.sets()).map(({ spec }) => spec.replicas).sort()).toEqual([0, 3]);
    });

    it('takes its ReplicaSets and pods with it', async () => {
      const web = await deployment(await newTag(), 2);
      await running(web, 2);
      expect((await web.remove()).status).toBe(200);
      await soon(async () => expect([...(await web.sets()), ...(await web.pods())]).toEqual([]));
    });
  });

  describe('a kubelet', () => {
    it('says in status and events that there is no such tag', async () => {
      const web = await deployment(missingTag());
      const pod = await backingOff(web);
      // A node may have containerd 1.
      const began = (text: string) =>
        `${text}rpc error: code = NotFound desc = failed to pull and unpack image "${web.image}": failed to resolve `;
      const said = (text: string) =>
        expect.toSatisfy(
          (message: string) =>
            [`image: ${web.image}: not found`, `reference "${web.image}": ${web.image}: not found`].some(
              (end) => message === began(text) + end,
            ),
          `${began(text)}…`,
        );
      expect(pod.status.phase).toBe('Pending');
      expect(pod.status.containerStatuses).toMatchObject([
        { imageID: '', state: { waiting: { message: said(`Back-off pulling image "${web.image}": ErrImagePull: `) } } },
      ]);
      const events = await web.events(pod.metadata.uid);
      expect(events.map(({ reason, type, message }) => `${type} ${reason} ${message}`).filter((one) => !/Scheduled/.test(one))).toEqual(
        expect.arrayContaining([
          `Normal Pulling Pulling image "${web.image}"`,
          said(`Warning Failed Failed to pull image "${web.image}": `),
          'Warning Failed Error: ErrImagePull',
          `Normal BackOff Back-off pulling image "${web.image}"`,
          'Warning Failed Error: ImagePullBackOff',
        ]),
      );
      expect(events.filter(({ reason }) => reason !== 'Scheduled').map(({ involvedObject }) => involvedObject.fieldPath)).toEqual(
        events.filter(({ reason }) => reason !== 'Scheduled').map(() => 'spec.containers{app}'),
      );
      expect(events.find(({ reason }) => reason === 'Scheduled')?.count ?? null).toBeNull();
    });

    it.each([
      {
        about: 'a name with a capital',
        container: (repository: string) => ({ image: `${repository.replace(/[^/]*$/, 'Web')}:1` }),
        reason: 'InvalidImageName',
        event: 'InspectFailed',
        message: (image: string) => {
          const path = image.replace(/^[^/]*\//, '').replace(/:1$/, '');
          const flaw = `invalid reference format: repository name (${path}) must be lowercase`;
          return `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${flaw}`;
        },
      },
      {
        about: 'the pull policy Never',
        container: () => ({ imagePullPolicy: 'Never' }),
        reason: 'ErrImageNeverPull',
        event: 'ErrImageNeverPull',
        message: (image: string) => `Container image "${image}" is not present with pull policy of Never`,
      },
    ])('does not try to pull for $about, and says why', async ({ container, reason, event, message }) => {
      const given = container(target().repository);
      const web = await deployment(missingTag(), 1, { container: given });
      const pod = await waitingFor(reason, web);
      const said = message('image' in given ? given.image : web.image);
      expect(pod.status.containerStatuses).toMatchObject([{ imageID: '', state: { waiting: { message: said } } }]);
      await soon(async () => {
        const events = (await web.events(pod.metadata.uid)).filter((one) => one.reason !== 'Scheduled');
        expect(events.map((one) => `${one.type} ${one.reason} ${one.message}`)).toEqual(
          expect.arrayContaining([`Warning ${event} ${said}`, `Warning Failed Error: ${reason}`]),
        );
        expect(events.map((one) => one.reason)).not.toContain('Pulling');
      });
    });

    it('says which pull secret is not there, and pulls without it', async () => {
      const web = await deployment(await newTag(), 1, { pullSecrets: ['absent'] });
      await running(web, 1);
      const [pod] = await web.pods();
      const said = 'Unable to retrieve some image pull secrets (absent); attempting to pull the image may not succeed.';
      await soon(async () => {
        const events = await web.events(pod?.metadata.uid ?? '');
        const missed = events.find(({ reason }) => reason === 'FailedToRetrieveImagePullSecret');
        expect(missed).toMatchObject({ type: 'Warning', message: said });
        expect(missed?.involvedObject.fieldPath).toBeUndefined();
      });
    });

    it('tries again by itself, and then the same pod runs', async () => {
      const tag = missingTag();
      const web = await deployment(tag);
      const { metadata } = await backingOff(web);
      await target().giveTag(tag);
      await soon(async () =>
        expect((await web.pods()).map((pod) => [pod.metadata.uid, pod.status.phase])).toEqual([[metadata.uid, 'Running']]),
      );
      const said = (await web.events(metadata.uid)).map(({ message }) => message);
      expect(said).toContainEqual(
        expect.stringMatching(/^Successfully pulled image ".+" in \S+ \(\S+ including waiting\)\. Image size: \d+ bytes\.$/),
      );
      expect(said).toEqual(expect.arrayContaining(['Container created', 'Container started']));
    });

    it('tries the successor of a deleted pod at once', async () => {
      const tag = missingTag();
      const web = await deployment(tag);
      const { metadata } = await backingOff(web);
      await target().giveTag(tag);
      await web.removePod(metadata.name);
      await running(web, 1);
      const [next] = await web.pods();
      expect(next?.metadata.uid).not.toBe(metadata.uid);
      expect((await web.events(next?.metadata.uid ?? '')).map(({ reason }) => reason)).not.toContain('BackOff');
    });
  });
}
