import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { type ApiServer, startApiServer } from './api-server.ts';

/** The case that commands are tried on: three pods of a Deployment whose tag does not exist, in a cluster of many failing pods. */
export const CASE = 'test/cases/deploy-3';
/** One of its pods. */
export const POD = 'lab/deploy-3-565cbdc67f-hsmcj';

/** What the command line is tried in: a cluster, a kubeconfig for it, and a folder of its own. */
export interface CliWorld {
  readonly folder: string;
  readonly server: ApiServer;
  /** A file with the server's kubeconfig. */
  readonly kubeconfig: string;
  /** Writes a kubeconfig for another server; returns its path. */
  kubeconfigTo(url: string): Promise<string>;
  stop(): Promise<void>;
}

type ServerOptions = NonNullable<Parameters<typeof startApiServer>[1]>;

/** An API server of the case; `recorded` replaces parts of it. */
export async function startCaseServer(options: ServerOptions = {}, recorded: Partial<Recording> = {}): Promise<ApiServer> {
  return startApiServer({ ...(await readRecordingFolder(CASE)), ...recorded }, options);
}

/** Starts it; `kubeconfig` makes the file out of what the server gives. */
export async function startCliWorld(
  given: ServerOptions & { readonly recorded?: Partial<Recording>; readonly kubeconfig?: (text: string) => string } = {},
): Promise<CliWorld> {
  const { recorded, kubeconfig: edit = (text) => text, ...options } = given;
  const [folder, server] = await Promise.all([mkdtemp(join(tmpdir(), 'imagepull-cli-')), startCaseServer(options, recorded)]);
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, edit(server.kubeconfig));
  return {
    folder,
    server,
    kubeconfig,
    async kubeconfigTo(url) {
      const file = join(await mkdtemp(join(folder, 'kc-')), 'config');
      await writeFile(file, kubeconfigFor(url));
      return file;
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
