import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A namespace of its own on the cluster that KUBECONFIG names, and kubectl in it. */
export interface OwnNamespace {
  readonly name: string;
  readonly kubeconfig: string;
  /** Runs kubectl in the namespace; `input` is its standard input. */
  kubectl(...args: readonly string[]): Promise<string>;
  apply(...objects: readonly object[]): Promise<void>;
  /** As they are, each in the namespace that it names. */
  create(...objects: readonly object[]): Promise<void>;
  /** Makes them as a dry run. */
  tryOut(...objects: readonly object[]): Promise<void>;
  /** Creates objects that are questions, and gives out what stands at a path of each answer. */
  ask(path: string, ...objects: readonly object[]): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** Throws a sentence where KUBECONFIG is not set or kubectl is missing. */
export async function ownNamespace(): Promise<OwnNamespace> {
  const kubeconfig = process.env['KUBECONFIG'];
  if (!kubeconfig)
    throw new Error('Set KUBECONFIG to a cluster that may be broken: these tests make and remove namespaces of their own there.');
  const name = `imagepull-test-${randomUUID().slice(0, 8)}`;
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run(process.env['KUBECTL'] ?? 'kubectl', ['--kubeconfig', kubeconfig, ...args], {
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  };
  async function send(args: readonly string[], objects: readonly object[]): Promise<string> {
    const sent = run(process.env['KUBECTL'] ?? 'kubectl', ['--kubeconfig', kubeconfig ?? '', ...args], { maxBuffer: 16 * 1024 * 1024 });
    sent.child.stdin?.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    return (await sent).stdout;
  }

  await kubectl('create', 'namespace', name);
  return {
    name,
    kubeconfig,
    kubectl: (...args) => kubectl('-n', name, ...args),
    async apply(...objects) {
      await send(['-n', name, 'apply', '-f', '-'], objects);
    },
    async create(...objects) {
      await send(['create', '-f', '-'], objects);
    },
    async tryOut(...objects) {
      await send(['create', '--dry-run=server', '-f', '-'], objects);
    },
    async ask(path, ...objects) {
      return (await send(['create', '-f', '-', '-o', `jsonpath={${path}}{"\\n"}`], objects)).trimEnd().split('\n');
    },
    async remove() {
      await kubectl('delete', 'namespace', name, '--wait=false');
    },
  };
}

/** A Deployment of one container. */
export function deployment(name: string, image: string, replicas = 1): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image }], terminationGracePeriodSeconds: 0 } },
    },
  };
}
