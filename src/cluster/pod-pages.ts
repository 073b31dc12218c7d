import { asCodedError } from '../errors.ts';
import type { ClusterReader, PodPage } from './cluster.ts';

/** Pods of a page. */
const PAGE = 500;

/** Pods page by page, so that no more than one page need be held. Throws what the cluster throws, and once the signal is aborted: half of all is not all. */
export async function* podPages(
  cluster: Pick<ClusterReader, 'listPods'>,
  where: { readonly namespace?: string; readonly node?: string },
  signal?: AbortSignal,
): AsyncGenerator<PodPage, void, undefined> {
  let continueFrom: string | undefined;
  do {
    signal?.throwIfAborted();
    const page = await cluster.listPods({ ...where, limit: PAGE, ...(continueFrom === undefined ? {} : { continueFrom }) }, signal);
    yield page;
    continueFrom = page.more?.continueFrom;
  } while (continueFrom !== undefined);
}

/** Undefined for an object that there is not, or not any more. */
export async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (cause) {
    if (asCodedError(cause).code === 'cluster/not-found') return undefined;
    throw cause;
  }
}
