import type { Account } from '../facts/credential.ts';
import type { ImageReference } from '../facts/image-reference.ts';
import type { BlobAnswer, ManifestAnswer, Ping, TagsAnswer } from '../facts/registry-answer.ts';

/**
 * What a diagnosis may ask a registry. Reads only. Refusals, missing things and broken answers are answers, not errors;
 * only a bug throws. Every answer says how many HTTP requests it took, 0 when it came from the cache.
 */
export interface Registry {
  /** `GET /v2/`: is it a registry, over which scheme, and how does it want to be authenticated. Shared and cached. */
  ping(host: string, signal: AbortSignal): Promise<Ping>;
  /**
   * Asks for the manifest as one account. `how` is `head` for existence only, or `get` for the content too. `digest`
   * asks for another manifest of the same repository (a member of an index). An error's body is only fetched with `get`.
   */
  askManifest(
    request: { readonly reference: ImageReference; readonly account: Account; readonly how: 'head' | 'get'; readonly digest?: string },
    signal: AbortSignal,
  ): Promise<ManifestAnswer>;
  /** Tags of the repository, bounded; one request per page. */
  listTags(
    request: { readonly reference: ImageReference; readonly account: Account; readonly mostPages: number },
    signal: AbortSignal,
  ): Promise<TagsAnswer>;
  /** Whether one blob (layer or configuration) is there. */
  askBlob(
    request: { readonly reference: ImageReference; readonly account: Account; readonly digest: string },
    signal: AbortSignal,
  ): Promise<BlobAnswer>;
  /** HTTP requests sent so far, token servers included. */
  requests(): number;
}
