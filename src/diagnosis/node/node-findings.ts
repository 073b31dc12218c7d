import { parseImageReference, repositoryName } from '../../facts/image-reference.ts';
import type { FileSystem, StatsSummary } from '../../facts/kubernetes/kubelet-reading.ts';
import type { Node, Pod } from '../../facts/kubernetes/kubernetes-object.ts';
import { redact } from '../../facts/redaction.ts';
import { byteWords, count, duration, list } from '../../text/wording.ts';
import { observed } from '../evidence.ts';
import type { Finding, FindingCode } from '../finding.ts';
import { runtimeService } from './runtime-service.ts';

/** The kubelet's usual hard eviction thresholds, and what counts as short of inodes (kubelet configuration v1beta1). */
const LEAST_SHARE: Readonly<Record<string, number>> = { nodefs: 0.1, imagefs: 0.15, containerfs: 0.1 };
/** Where the kubelet itself reports no pressure its thresholds are lower, and so is what counts as short. */
const LEAST_SHARE_WITHOUT_PRESSURE = 0.05;
const LEAST_INODES = 0.05;
/** A node lists at most so many images (nodeStatusMaxImages), the largest first; a full list proves no absence. */
const LISTED_IMAGES = 50;
const LISTED_NAMES = 5;

type Image = { readonly names: readonly string[]; readonly bytes: number };

/** What the node object says: conditions, scheduling, platform. */
export function conditionFindings(node: Node, now: Date): readonly Finding[] {
  const { name } = node.metadata;
  const found: Finding[] = [];
  const condition = (type: string) => node.status.conditions?.find((candidate) => candidate.type === type);
  const say = (code: FindingCode, says: string, text: string) =>
    found.push({ code, says: redact(says), evidence: [observed('node', { from: 'api-server', at: now, text })] });
  const ready = condition('Ready');
  if (ready && ready.status !== 'True')
    say(
      'node/not-ready',
      `${name} is not ready${since(ready.lastTransitionTime, now)}: ${sentenceOf(ready.message ?? ready.reason ?? ready.status)}`,
      `Ready=${ready.status} ${ready.reason ?? ''}`,
    );
  else if (ready) say('node/ready', `${name} is ready.`, 'Ready=True');
  const pressure = condition('DiskPressure');
  if (pressure?.status === 'True')
    say(
      'node/disk-pressure',
      `${name} reports DiskPressure${since(pressure.lastTransitionTime, now)}: ${sentenceOf(pressure.message ?? 'its disks are too full')}`,
      'DiskPressure=True',
    );
  const network = condition('NetworkUnavailable');
  if (network?.status === 'True')
    say('node/network-unavailable', `${name} reports that its network is not set up.`, 'NetworkUnavailable=True');
  const taints = (node.spec.taints ?? [])
    .filter((taint) => taint.effect !== 'PreferNoSchedule')
    .map(({ key, effect }) => `${key}:${effect}`);
  if (taints.length > 0 && !node.spec.unschedulable)
    say(
      'node/tainted',
      `${name} keeps pods away that do not tolerate ${list(taints)}, so a recreated pod may go elsewhere.`,
      taints.join(', '),
    );
  if (node.spec.unschedulable)
    say(
      'node/unschedulable',
      `${name} is cordoned, so a recreated pod goes to another node.`,
      `unschedulable; taints ${list(taints) || 'none'}`,
    );
  return [...found, ...platformFindings(node, now)];
}

function platformFindings(node: Node, now: Date): readonly Finding[] {
  const { operatingSystem, architecture, kubeletVersion, containerRuntimeVersion } = node.status.nodeInfo ?? {};
  if (!operatingSystem || !architecture) return [];
  const runtime = operatingSystem === 'linux' ? runtimeService(containerRuntimeVersion ?? '') : undefined;
  const versions = `kubelet ${kubeletVersion ?? 'unknown'}, ${containerRuntimeVersion ?? 'unknown runtime'}`;
  return [
    {
      code: 'node/platform',
      says: redact(`${node.metadata.name} is ${operatingSystem}/${architecture}, ${versions}.`),
      ...(runtime === undefined ? {} : { names: { runtime } }),
      evidence: [observed('node', { from: 'api-server', at: now, text: `${operatingSystem}/${architecture}` })],
    },
  ];
}

/** Conditions end their messages with a full stop, or do not. */
function sentenceOf(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function since(time: string | null | undefined, now: Date): string {
  const at = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? '' : ` for ${duration(now.getTime() - at)}`;
}

/** Which file system holds what. */
const USES: Readonly<Record<string, string>> = {
  nodefs: 'nodefs (logs, emptyDir volumes)',
  imagefs: 'imagefs (images)',
  containerfs: 'containerfs (writable layers)',
};

/** How full the node's file systems are, by the kubelet's own figures. */
export function diskFindings(stats: StatsSummary, node: Node, now: Date): readonly Finding[] {
  const { name: nodeName } = node.metadata;
  const calm = node.status.conditions?.some(({ type, status }) => type === 'DiskPressure' && status === 'False');
  const least = (system: string) => (calm ? LEAST_SHARE_WITHOUT_PRESSURE : (LEAST_SHARE[system] ?? 0));
  const systems = fileSystemsOf(stats);
  const found: Finding[] = [];
  const full = systems.filter(({ name, fs }) => share(fs.availableBytes, fs.capacityBytes) < least(name));
  const short = systems.filter(({ fs }) => share(fs.inodesFree, fs.inodes) < LEAST_INODES);
  const text = systems.map(({ name, fs }) => `${name} ${freeWords(fs)}`).join('; ');
  const say = (code: FindingCode, says: string) =>
    found.push({ code, says, evidence: [observed('node', { from: 'node', at: now, text })] });
  if (full.length > 0)
    say('node/disk-full', `${nodeName} is short of disk space: ${list(full.map(({ name, fs }) => `${USES[name]} has ${freeWords(fs)}`))}.`);
  if (short.length > 0)
    say(
      'node/inodes-short',
      `${nodeName} is short of inodes: ${list(short.map(({ name, fs }) => `${USES[name]} has ${percent(share(fs.inodesFree, fs.inodes))} of its inodes free`))}.`,
    );
  if (systems.some(({ fs }) => fs.availableBytes != null) && full.length + short.length === 0)
    say('node/disk-room', `${nodeName} has room on its disks now: ${list(systems.map(({ name, fs }) => `${name} ${freeWords(fs)}`))}.`);
  return found;
}

function fileSystemsOf({ node }: StatsSummary): readonly { readonly name: string; readonly fs: FileSystem }[] {
  const named = [
    { name: 'nodefs', fs: node.fs },
    { name: 'imagefs', fs: node.runtime?.imageFs },
    { name: 'containerfs', fs: node.runtime?.containerFs },
  ];
  return named.flatMap(({ name, fs }) => (fs ? [{ name, fs }] : []));
}

/** A share of 1 where the kubelet does not know: nothing is said of it then. */
function share(free: number | null | undefined, all: number | null | undefined): number {
  if (free == null) return 1;
  return all ? free / all : free > 0 ? 1 : 0;
}

function freeWords(fs: FileSystem): string {
  if (fs.availableBytes == null) return 'unknown';
  if (!fs.capacityBytes) return `${byteWords(fs.availableBytes)} free`;
  return `${byteWords(fs.availableBytes)} of ${byteWords(fs.capacityBytes)} free (${percent(fs.availableBytes / fs.capacityBytes)})`;
}

function percent(part: number): string {
  return `${part < 0.1 ? (part * 100).toFixed(1) : Math.round(part * 100)} %`;
}

/** Bytes of the file system where images are stored, free and in all; absent where the kubelet does not say. */
export function imageSpace(stats: StatsSummary): { readonly imageSpace?: number; readonly imageCapacity?: number } {
  const { imageFs } = stats.node.runtime ?? {};
  const fs = imageFs?.availableBytes == null ? stats.node.fs : imageFs;
  return {
    ...(fs?.availableBytes == null ? {} : { imageSpace: fs.availableBytes }),
    ...(fs?.capacityBytes == null ? {} : { imageCapacity: fs.capacityBytes }),
  };
}

/** Whether the wanted images are on the node, and others of their repositories. */
export function imageFindings(
  node: Node,
  wanted: readonly { readonly container: string; readonly image: string }[],
  now: Date,
): readonly Finding[] {
  const { name } = node.metadata;
  const images = imagesOf(node);
  return wanted.flatMap(({ container, image }): readonly Finding[] => {
    const parsed = parseImageReference(image);
    if (parsed.status === 'invalid') return [];
    const { reference } = parsed;
    const repository = repositoryName(reference);
    const exact = reference.digest ? `${repository}@${reference.digest}` : `${repository}:${reference.tag}`;
    const say = (code: FindingCode, says: string, text: string): Finding => ({
      code,
      says: redact(says),
      container,
      evidence: [observed('node', { from: 'api-server', at: now, text })],
    });
    const present = images.find(({ names }) => names.includes(exact));
    if (present)
      return [
        say(
          'node/image-present',
          `${name} already has ${image} (${byteWords(present.bytes)}). Kubernetes 1.35 and later asks the registry again for a pod without the login it was pulled with.`,
          exact,
        ),
      ];
    // A tag that was loaded from a file has no digest; only a pulled one proves anything of a repository.
    const sibling = images
      .filter(({ names }) => names.some((other) => other.startsWith(`${repository}@`)))
      .flatMap(({ names }) => names)
      .find((other) => other.startsWith(`${repository}:`));
    const full =
      images.length >= LISTED_IMAGES || images.some(({ names }) => names.length >= LISTED_NAMES)
        ? ' It lists only so many images and names of each, so the image may be there all the same.'
        : '';
    return [
      say('node/image-absent', `${name} does not list ${image} among its ${count(images.length, 'image')}.${full}`, `not listed: ${exact}`),
      ...(sibling
        ? [
            say(
              'node/repository-present',
              `${name} has ${sibling}, so the repository ${repository} exists, or did when that was pulled.`,
              sibling,
            ),
          ]
        : []),
    ];
  });
}

/** Images that no pod of the node uses, and what removing them would free. */
export function unusedFindings(node: Node, pods: readonly Pod[], now: Date): readonly Finding[] {
  const used = new Set(pods.flatMap(usedNames));
  // The sandbox's image is named by the runtime's configuration and used by every pod.
  const unused = imagesOf(node).filter(
    ({ names }) => !names.some((name) => used.has(name) || /(?:^|\/)(?:mirrored-)?pause[:@]/.test(name)),
  );
  if (unused.length === 0) return [];
  const bytes = unused.reduce((sum, image) => sum + image.bytes, 0);
  const largest = [...unused].sort((a, b) => b.bytes - a.bytes).slice(0, 3);
  const names = list(
    largest.map(
      (image) => `${image.names.find((name) => !name.includes('@')) ?? image.names[0] ?? 'one without a name'} (${byteWords(image.bytes)})`,
    ),
  );
  return [
    {
      code: 'node/unused-images',
      says: redact(
        `${node.metadata.name} has ${count(unused.length, 'image')} that no pod on it uses, ${byteWords(bytes)} in all; the largest: ${names}.`,
      ),
      evidence: [observed('node', { from: 'api-server', at: now, text: `${unused.length} unused images, ${bytes} bytes` })],
    },
  ];
}

/** A pod names an image by tag; its status adds the digest under which the node lists it as well. */
function usedNames(pod: Pod): readonly string[] {
  const { spec, status } = pod;
  const specs = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])].map(({ image }) => image ?? '');
  const volumes = (spec.volumes ?? []).map(({ image }) => image?.reference ?? '');
  const statuses = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ];
  return [...specs, ...volumes].map(normalName).concat(statuses.flatMap(({ image, imageID }) => [normalName(image ?? ''), imageID ?? '']));
}

function normalName(image: string): string {
  const parsed = parseImageReference(image);
  if (parsed.status === 'invalid') return image;
  const { reference } = parsed;
  return reference.digest ? `${repositoryName(reference)}@${reference.digest}` : `${repositoryName(reference)}:${reference.tag}`;
}

function imagesOf(node: Node): readonly Image[] {
  // Some runtimes list short names: nginx:1.25.
  return (node.status.images ?? []).map(({ names, sizeBytes }) => ({ names: (names ?? []).map(normalName), bytes: sizeBytes ?? 0 }));
}
