import * as z from 'zod/mini';
import { parseImageReference } from '../facts/image-reference.ts';
import type { RuntimeImage } from './cri/runtime.ts';

/** `pause`, `pause-amd64`, `mirrored-pause`: what distributions call the image of a pod's sandbox. */
const PAUSE = /^(?:mirrored-)?pause(?:-[a-z0-9]+)?$/;

const Containerd = z.object({
  sandboxImage: z.optional(z.string()),
  // Since containerd 2.0.
  imageConfig: z.optional(z.object({ pinnedImages: z.optional(z.record(z.string(), z.string())) })),
});

/**
 * The names of the sandbox image in what a runtime tells of its configuration: containerd writes JSON, CRI-O TOML. Runtimes before containerd 1.7
 * do not pin it.
 */
export function sandboxNames(configuration: Readonly<Record<string, string>>): readonly string[] {
  const text = configuration['config'] ?? '';
  const [, paused] = /^\s*pause_image\s*=\s*"([^"]{1,512})"/m.exec(text) ?? [];
  const read = Containerd.safeParse(json(text)).data;
  return [paused, read?.sandboxImage, read?.imageConfig?.pinnedImages?.['sandbox']]
    .filter((name) => name !== undefined && name !== '')
    .map(String);
}

/** Whether an image is that of the sandboxes, by the names the runtime gives or by how such an image is called. */
export function isSandboxImage({ tags, digests }: Pick<RuntimeImage, 'tags' | 'digests'>, names: readonly string[]): boolean {
  return [...tags, ...digests].some((name) => {
    const parsed = parseImageReference(name);
    const repository = parsed.status === 'valid' ? parsed.reference.repository : '';
    return names.includes(name) || PAUSE.test(repository.slice(repository.lastIndexOf('/') + 1));
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // CRI-O's is TOML, which the line above reads.
    return undefined;
  }
}
