import type { BlobAnswer, ManifestAnswer, Ping, TagsAnswer } from '../../src/facts/registry-answer.ts';
import type { Registry } from '../../src/registry/registry.ts';

/** An answer without what every answer has. */
type Bare<A> = A extends unknown ? Omit<A, 'requests' | 'milliseconds'> & { readonly requests?: number } : never;

/** What a scripted registry answers; whatever is not given was never asked. */
export interface Script {
  readonly ping?: Bare<Ping>;
  /** By account name; the function is told how it was asked. */
  readonly manifest?: (account: string, how: 'head' | 'get', digest?: string) => Bare<ManifestAnswer>;
  readonly tags?: (account: string) => Bare<TagsAnswer>;
  readonly blob?: (digest: string) => Bare<BlobAnswer>;
}

/** A registry that answers by a script and writes down what it was asked. */
export function scriptedRegistry(script: Script): Registry & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  let requests = 0;
  function answer<A extends { requests: number }>(question: string, bare: Bare<A> | undefined): Promise<A> {
    asked.push(question);
    if (!bare) throw new Error(`not in the script: ${question}`);
    const whole = { requests: 1, milliseconds: 1, ...bare };
    requests += whole.requests;
    // The cast puts back what Bare took away.
    return Promise.resolve(whole as unknown as A);
  }
  return {
    asked,
    requests: () => requests,
    ping: (host) =>
      answer<Ping>(`ping ${host}`, script.ping ?? { host, status: 'answers', scheme: 'https', httpStatus: 200, isRegistry: true }),
    askManifest: ({ account, how, digest }) =>
      answer<ManifestAnswer>(`${how} ${digest ?? 'manifest'} as ${account.name}`, script.manifest?.(account.name, how, digest)),
    listTags: ({ account }) => answer<TagsAnswer>(`tags as ${account.name}`, script.tags?.(account.name)),
    askBlob: ({ digest }) => answer<BlobAnswer>(`blob ${digest}`, script.blob?.(digest)),
  };
}
