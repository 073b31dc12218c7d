import type { ErrorText } from './error-text.ts';
import { createFirstMatch } from './first-match.ts';

/** A kind of error that is no pull error: a row of `otherErrors` in runbooks/pull-errors.yaml. */
export interface OtherError {
  readonly id: string;
  /** One sentence for people. */
  readonly summary: string;
  readonly pattern: string;
  readonly samples: readonly string[];
}

/** The words by which a message shows that it is about a pull. */
export interface PullWords {
  /** Words that only a message about images, registries and their runtimes holds. */
  readonly any: string;
  /** Words with which the error of a pull begins. */
  readonly begin: string;
}

/** What a message is about; `unsaid` when it says neither. */
export type Subject = { readonly kind: 'pull' } | { readonly kind: 'unsaid' } | { readonly kind: 'other'; readonly error: OtherError };

/**
 * Tells what a message is about, from its words and from the message itself. Of two things the one that the message begins
 * with counts: the rest is its reason.
 */
export function createSubjectReader(rules: {
  readonly pullWords: PullWords;
  readonly otherErrors: readonly OtherError[];
}): (text: ErrorText, message: string) => Subject {
  const any = new RegExp(rules.pullWords.any);
  const begin = new RegExp(rules.pullWords.begin);
  const otherIn = createFirstMatch(rules.otherErrors);
  return (text, message) => {
    const begins = begin.exec(text.words)?.index ?? text.words.length;
    const other = begins === 0 ? undefined : otherIn(text.words.slice(0, begins + LONGEST_OTHER));
    if (other && text.words.search(other.pattern) < begins) return { kind: 'other', error: other };
    const pull = begins < text.words.length || any.test(text.words) || text.urls.some(({ registryApi }) => registryApi);
    return { kind: pull || PLACE_OF_PULLS.test(message) ? 'pull' : 'unsaid' };
  };
}

/** What begins before the words of a pull ends not much later. */
const LONGEST_OTHER = 400;

/**
 * Sockets and storage of the runtimes, paths of the registry's API, rights to pull, and the code with which registries limit
 * rates (clouds write it `TooManyRequests`); no other program's errors name them.
 */
const PLACE_OF_PULLS =
  /\/(?:containerd|crio|cri-dockerd|dockershim|docker)\.sock|\/var\/lib\/(?:docker|containerd|containers\/storage)\b|io\.containerd\.(?:content|metadata|snapshotter)|container_images_storage|\/v2\/[^\s"]{1,300}\/(?:manifests|blobs)\/|\btoomanyrequests:|"TOOMANYREQUESTS"|\bartifactregistry\.repositories\.|\becr:(?:BatchGetImage|GetDownloadUrlForLayer)\b/;
