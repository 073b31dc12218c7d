import { moreTellingFirst, type PullErrorClassifier, type Symptom } from '../message/pull-error.ts';
import { failingImages } from './pod.ts';
import type { FailingImage, PodImage } from './target.ts';

/** Of the images that a pod cannot pull the one whose error tells most, with what it tells; undefined where none fails. */
export function mostTelling(
  images: readonly PodImage[],
  classify: PullErrorClassifier,
): (FailingImage & { readonly symptom: Symptom }) | undefined {
  const [first] = failingImages(images)
    .map((image) => ({ ...image, symptom: classify(`${image.state.reason}: ${image.state.message ?? ''}`).symptom }))
    .sort((a, b) => moreTellingFirst(a.symptom, b.symptom));
  return first;
}
