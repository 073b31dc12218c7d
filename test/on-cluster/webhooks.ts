import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { z } from 'zod';
import type { AdmissionRequest, Verdict, Webhook } from '../../src/demo/cluster/writes/admission.ts';
import { Operations } from '../../src/demo/cluster/writes/patches/json-patch.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import type { OwnNamespace } from './cluster.ts';

const Review = z.looseObject({
  request: z.looseObject({
    uid: z.string(),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE']),
    kind: z.looseObject({ kind: z.string() }),
    namespace: z.string().optional(),
    name: z.string().default(''),
    userInfo: z.looseObject({ username: z.string() }),
    dryRun: z.boolean().default(false),
    object: z.looseObject({}).nullish(),
    oldObject: z.looseObject({}).nullish(),
  }),
});

/** Webhooks on loopback that a real API server asks, until they are removed. */
export class Webhooks {
  readonly #own: OwnNamespace;
  readonly #certificates: Promise<Certificates> = makeCertificates();
  readonly #servers: Server[] = [];

  constructor(own: OwnNamespace) {
    this.#own = own;
  }

  /** Waits until the API server asks it. */
  async add(webhook: Webhook & { readonly namespace: string }): Promise<() => Promise<void>> {
    const { authority, good } = await this.#certificates;
    let asked = 0;
    const server = createServer({ cert: await readFile(good.certificate), key: await readFile(good.key) }, async (request, response) => {
      let text = '';
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
      asked += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(webhook, Review.parse(JSON.parse(text)))));
    });
    this.#servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const kind = webhook.kind === 'mutating' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration';
    const name = `${webhook.namespace}-${this.#servers.length}`;
    await this.#own.create({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name, labels: { contract: this.#own.name } },
      webhooks: [
        {
          name: webhook.name,
          clientConfig: { url, caBundle: Buffer.from(authority).toString('base64') },
          rules: [
            {
              apiGroups: [''],
              apiVersions: ['v1'],
              operations: ['CREATE', 'UPDATE', 'DELETE'],
              resources: ['pods', 'secrets', 'configmaps'],
            },
          ],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': webhook.namespace } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
    const trial = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'trial', namespace: webhook.namespace } };
    await eventually(async () => {
      await this.#own.tryOut(trial);
      expect(asked).toBeGreaterThan(0);
    });
    return async () => void (await this.#own.kubectl('delete', kind, name));
  }

  async remove(): Promise<void> {
    await this.#own.kubectl(
      'delete',
      'validatingwebhookconfigurations,mutatingwebhookconfigurations',
      '--selector',
      `contract=${this.#own.name}`,
    );
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    await (await this.#certificates).remove();
  }
}

function answer(webhook: Webhook, { request }: z.infer<typeof Review>): object {
  const { operation, kind, namespace, name, userInfo, dryRun, object, oldObject } = request;
  const asked: AdmissionRequest = {
    operation,
    kind: kind.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    user: userInfo.username,
    dryRun,
    ...(object ? { object } : {}),
    ...(oldObject ? { oldObject } : {}),
  };
  const verdict: Verdict = kind.kind === 'ConfigMap' ? { allowed: true } : webhook.review(asked);
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: request.uid, ...said(verdict) } };
}

function said(verdict: Verdict): object {
  if (!verdict.allowed) {
    const { message, reason, code } = verdict;
    return { allowed: false, ...((message ?? reason ?? code) ? { status: { message, reason, code } } : {}) };
  }
  if (!verdict.patch) return { allowed: true };
  const patch = Buffer.from(JSON.stringify(Operations.parse(verdict.patch))).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}
