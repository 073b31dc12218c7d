import { CodedError } from '../errors.ts';
import type { ContainerRuntime, RuntimeContainer, RuntimeImage } from './cri/runtime.ts';

/** Why an image is in use: a container runs from it, or has it mounted as a volume. */
export interface ImageUse {
  readonly container: string;
  readonly name: string;
  readonly pod?: string;
  readonly state: RuntimeContainer['state'];
  readonly as: 'image' | 'volume';
}

/** A container whose image cannot be told; any image may be its. */
export interface Unresolved {
  readonly container: string;
  readonly name: string;
  readonly pod?: string;
  readonly because: string;
}

/** The images of a node with what uses them. */
export interface UsedImages {
  readonly images: readonly (RuntimeImage & { readonly usedBy: readonly ImageUse[] })[];
  readonly unresolved: readonly Unresolved[];
}

/** A node has some hundred containers; more questions at once help nobody. */
const AT_ONCE = 8;

/** An id with or without its algorithm; runtimes differ. */
export function bareId(id: string): string {
  return id.replace(/^sha256:/, '');
}

/** Whether a name is the id of an image: then the answer that there is none is certain. */
function isId(name: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{64}$/.test(name);
}

/**
 * Lists images, then containers, so that a container which began in between is seen. A container in any state counts, and one name of its image that
 * cannot be resolved makes it unresolved though another can: tags move.
 */
export async function readUsedImages(runtime: ContainerRuntime): Promise<UsedImages> {
  const images = await runtime.images();
  const containers = await runtime.containers();
  const known = new Map<string, string>();
  for (const { id, tags, digests } of images) for (const name of [id, bareId(id), ...tags, ...digests]) known.set(name, id);
  const uses = new Map<string, ImageUse[]>();
  const unresolved: Unresolved[] = [];

  async function resolve(name: string): Promise<string | undefined> {
    const id = known.get(name) ?? (await runtime.image(name))?.id;
    if (id !== undefined) known.set(name, id);
    return id;
  }

  /** Ids of the images that the names stand for, or why that cannot be told. */
  async function idsOf(names: readonly string[]): Promise<{ readonly ids: readonly string[]; readonly because?: string }> {
    const ids: string[] = [];
    let gone = false;
    for (const name of names) {
      try {
        const id = await resolve(name);
        if (id !== undefined) ids.push(id);
        else gone ||= isId(name);
      } catch (cause) {
        if (!(cause instanceof CodedError) || cause.code !== 'node/refused') throw cause;
        return { ids, because: cause.message };
      }
    }
    if (ids.length > 0 || gone) return { ids };
    return { ids, because: names.length === 0 ? 'The runtime names no image of it.' : `The runtime knows no image ${names.join(' or ')}.` };
  }

  async function look({ id: container, name, pod, state, images: names }: RuntimeContainer): Promise<void> {
    const who = { container, name, ...(pod === undefined ? {} : { pod }) };
    const volumes = (await runtime.imageVolumes(container)).map((volume) => ({ names: [volume], as: 'volume' as const }));
    for (const { names: wanted, as } of [{ names, as: 'image' as const }, ...volumes]) {
      const { ids, because } = await idsOf(wanted);
      if (because !== undefined) unresolved.push({ ...who, because });
      for (const id of new Set(ids.map(bareId))) uses.set(id, [...(uses.get(id) ?? []), { ...who, state, as }]);
    }
  }

  for (let next = 0; next < containers.length; next += AT_ONCE) await Promise.all(containers.slice(next, next + AT_ONCE).map(look));
  return { images: images.map((image) => ({ ...image, usedBy: uses.get(bareId(image.id)) ?? [] })), unresolved };
}
