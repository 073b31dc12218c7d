import { CodedError } from '../errors.ts';
import type { Credential } from '../facts/credential.ts';
import { canonicalReference, parseImageReference } from '../facts/image-reference.ts';
import type { ContainerRuntime, RuntimeImage } from './cri/runtime.ts';
import type { PullDocument } from './document.ts';
import { bareId, readUsedImages } from './image-use.ts';

/** How a pull is tried. */
export interface PullOptions {
  readonly credential: Credential;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Leaves the image there. */
  readonly keep: boolean;
}

/**
 * Pulls an image as the kubelet would and says what the runtime said. What came by it is removed again, unless it was there before, something uses it by
 * then, or it has other names.
 */
export async function pullImage(
  runtime: ContainerRuntime,
  image: string,
  { credential, timeoutMs, signal, keep }: PullOptions,
): Promise<Pick<PullDocument, 'image' | 'login' | 'milliseconds' | 'outcome'>> {
  const before = new Set((await runtime.images()).map(({ id }) => bareId(id)));
  const started = performance.now();
  const pulled = await runtime.pull(image, credential, { timeoutMs, signal });
  const base = { image, login: credential.kind, milliseconds: Math.round(performance.now() - started) };
  if (pulled.status !== 'pulled') return { ...base, outcome: pulled };
  const found = (await runtime.image(image)) ?? (await runtime.image(pulled.reference));
  // Somebody else may prune at the same time.
  if (!found) return { ...base, outcome: { status: 'pulled', id: pulled.reference, bytes: 0, wasThere: false } };
  const wasThere = before.has(bareId(found.id));
  const stays = wasThere ? 'It was there before.' : keep ? 'It was to be kept.' : await removed(runtime, image, found);
  return {
    ...base,
    outcome: { status: 'pulled', id: found.id, bytes: found.bytes, wasThere, ...(stays === undefined ? {} : { stays }) },
  };
}

/** Removes what was pulled; why it stays where it was not. */
async function removed(runtime: ContainerRuntime, image: string, { id, tags }: RuntimeImage): Promise<string | undefined> {
  const other = tags.find((tag) => canonical(tag) !== canonical(image));
  if (other !== undefined) return `It is called ${other} as well by now.`;
  try {
    const { images, unresolved } = await readUsedImages(runtime);
    const [unknown] = unresolved;
    if (unknown) return `The image of container ${unknown.name || unknown.container} cannot be told, and it may be this one.`;
    const [use] = images.find((candidate) => bareId(candidate.id) === bareId(id))?.usedBy ?? [];
    if (use)
      return `Container ${use.name || use.container}${use.pod === undefined ? '' : ` of ${use.pod}`} uses it by now: the pull may have cured the pod.`;
    await runtime.remove(id);
    return undefined;
  } catch (cause) {
    // That the pull succeeded is what was asked; it is not lost for what came after.
    if (cause instanceof CodedError) return `It could not be removed: ${cause.message}`;
    throw cause;
  }
}

function canonical(name: string): string {
  const parsed = parseImageReference(name);
  return parsed.status === 'valid' ? canonicalReference(parsed.reference) : name;
}
