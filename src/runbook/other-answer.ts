import type { Finding } from '../diagnosis/finding.ts';
import type { Target } from '../diagnosis/pod/target.ts';
import { count, duration, list, shortened } from '../text/wording.ts';

/** What is said of a pod none of whose images is at fault. */
export interface OtherAnswer {
  readonly title: string;
  readonly because: readonly string[];
}

/** Characters of another's message that a headline holds. */
const MAX_SAID = 120;

/** What the kubelet could not do with a container whose image it has. */
const UNDONE: Readonly<Record<string, string>> = {
  CreateContainerConfigError: 'cannot be created',
  CreateContainerError: 'cannot be created',
  RunContainerError: 'cannot be started',
};

/** A true answer where no image is at fault: what else is the matter, or that all is well. */
export function otherAnswer(target: Target, findings: readonly Finding[], now: Date): OtherAnswer {
  const says = (code: Finding['code']) => findings.filter((finding) => finding.code === code).map((finding) => finding.says);
  const pulling = findings.find((finding) => finding.code === 'pod/pull-in-progress');
  if (pulling) return { title: stillPulling(target, pulling, now), because: says('pod/pull-in-progress') };
  const present = target.images.filter((image) => image.state.status === 'present');
  const isComplete = present.length === target.images.length;
  const pulled = present.length === 0 ? [] : [`${isComplete ? 'Every image' : list(present.map((image) => image.image))} was pulled.`];
  const waits = says('pod/waited-for-pulls');
  if (target.otherTrouble)
    return troubleAnswer(target, target.otherTrouble, {
      isComplete,
      pulled: [...pulled, ...waits],
      earlier: says('pod/earlier-pull-failure'),
    });
  const warnings = says('pod/other-warning');
  if (warnings.length > 0) return { title: 'No pull has failed; something else holds the pod up', because: [...pulled, ...warnings] };
  if (target.deletingSince !== undefined)
    return { title: 'The pod is being deleted', because: [...pulled, `Its deletion was requested at ${target.deletingSince}.`] };
  const waiting = target.images.filter((image) => image.state.status === 'waiting' || image.state.status === 'not-reached');
  if (waiting.length > 0 && target.phase === 'Pending') {
    const names = `${list(waiting.map((image) => image.name))} ${waiting.length === 1 ? 'waits' : 'wait'}`;
    return { title: 'No pull has failed so far', because: [...pulled, ...waits, `${names}, and no event tells of a failed pull.`] };
  }
  const [waited] = findings.flatMap(({ names }) => names?.waited ?? []);
  return {
    title:
      waited === undefined
        ? 'Nothing is wrong with the images of this pod'
        : `Images are fine; the pod waited ${waited} in line behind other pulls`,
    because: pulled.length > 0 ? [...pulled, ...waits] : ['No container waits for an image.'],
  };
}

function stillPulling(target: Target, { container, evidence }: Finding, now: Date): string {
  const image = target.images.find((candidate) => candidate.name === container)?.image ?? 'an image';
  const lasting = now.getTime() - Date.parse(evidence[0]?.observedAt ?? '');
  return `Still pulling ${image}${Number.isNaN(lasting) ? '' : `, for ${duration(lasting)} so far`}`;
}

function troubleAnswer(
  target: Target,
  trouble: NonNullable<Target['otherTrouble']>,
  known: { readonly isComplete: boolean; readonly pulled: readonly string[]; readonly earlier: readonly string[] },
): OtherAnswer {
  const { reason, message, container } = trouble;
  // What a container ended with stands in its message already.
  const told = reason.startsWith('exit code') ? `C${message.slice(1)}.` : `${reason}: ${message}`;
  if (target.node === undefined) return { title: 'No image was pulled: no node was found for the pod yet', because: [told] };
  const because = [...known.pulled, told, ...known.earlier];
  if (container === undefined) {
    const what = reason === 'Evicted' ? 'The pod was evicted' : `The pod ended: ${reason}`;
    const before = known.earlier.length > 0 ? '; before that its image could not be pulled' : '';
    return { title: target.images.length === 0 ? `Not an image problem: ${reason}` : what + before, because };
  }
  return { title: `${known.isComplete ? 'Images are fine' : 'No pull has failed'}: ${containerWords(trouble, container)}`, because };
}

function containerWords({ reason, message, exitCode, ending, restarts }: NonNullable<Target['otherTrouble']>, container: string): string {
  const undone = UNDONE[reason];
  if (undone !== undefined)
    return `container ${container} ${undone}: ${shortened(message.replace(`container ${container}: `, ''), MAX_SAID)}`;
  const times = restarts ? count(restarts, 'restart') : undefined;
  if (ending === 'OOMKilled')
    return `container ${container} is killed for using too much memory (${['OOMKilled', times].filter(Boolean).join(', ')})`;
  if (exitCode !== undefined) return `container ${container} exits with code ${exitCode}${times ? ` (${times})` : ''}`;
  return `container ${container} waits with ${reason}${times ? ` (${times})` : ''}`;
}
