import type { Finding } from '../diagnosis/finding.ts';
import { failingImages } from '../diagnosis/pod/pod.ts';
import type { ImageFailure } from '../diagnosis/pod/pull-history.ts';
import type { ContainerKind, PodImage, Target } from '../diagnosis/pod/target.ts';

/** More failing images of one pod than this are not looked into; they nearly always share their cause. */
const MAX_IMAGES = 10;

/** An image that this run is about: it fails, or its pull hangs. */
export interface QuestionedImage {
  /** Name of the container or image volume. */
  readonly container: string;
  readonly kind: ContainerKind;
  readonly image: string;
}

/** The failing images of the target, those only events tell of, and those whose pull hangs; each container once. */
export function imagesInQuestion(run: {
  readonly target: Target;
  readonly findings: readonly Finding[];
  readonly failures: readonly ImageFailure[];
}): readonly QuestionedImage[] {
  const hanging = new Set(run.findings.flatMap(({ code, container }) => (code === 'pod/pull-no-progress' ? (container ?? []) : [])));
  const images: readonly PodImage[] = [
    ...failingImages(run.target.images),
    ...run.failures.map((failure) => failure.image),
    ...run.target.images.filter((image) => hanging.has(image.name)),
  ];
  const byContainer = new Map(images.filter(({ image }) => image !== '').map((image) => [`${image.kind} ${image.name}`, image]));
  return [...byContainer.values()].slice(0, MAX_IMAGES).map(({ name, kind, image }) => ({ container: name, kind, image }));
}
