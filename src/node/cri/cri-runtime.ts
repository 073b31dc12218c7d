import { CodedError } from '../../errors.ts';
import type { Credential } from '../../facts/credential.ts';
import { redact } from '../../facts/redaction.ts';
import { maskCredential } from '../../registry/auth/mask-credential.ts';
import { type Channel, createChannel, STATUS } from './grpc.ts';
import { CALLS, type Call } from './messages.ts';
import { CONTAINER_STATES, type ContainerRuntime, type RuntimeFilesystem, type RuntimeImage } from './runtime.ts';
import type { Message } from './wire.ts';

/** For a call that only reads. */
const READ_MS = 10_000;
/** Removing a large image takes its time on a slow disk. */
const REMOVE_MS = 120_000;

/** The runtime behind a socket, by CRI runtime.v1. */
export function createCriRuntime(socket: string, channel: Channel = createChannel(socket)): ContainerRuntime {
  async function ask<Q, A>(call: Call<Message<Q>, Message<A>>, question: Partial<Q>, timeoutMs = READ_MS): Promise<A> {
    const answer = await channel.call(call, question, { timeoutMs });
    if (answer.status === 'ok') return answer.value;
    throw refusal(answer.code, answer.message);
  }

  return {
    socket,
    async version() {
      const { runtimeName, runtimeVersion } = await ask(CALLS.version, {});
      return { name: runtimeName, version: runtimeVersion };
    },
    async status() {
      const { status, info } = await ask(CALLS.status, { verbose: true });
      const conditions = (status?.conditions ?? []).map(({ type, status: ok, reason, message }) => ({
        type,
        ok,
        reason,
        message: redact(message),
      }));
      return { conditions, configuration: info };
    },
    async images() {
      return (await ask(CALLS.listImages, {})).images.map(imageOf);
    },
    async image(name) {
      const { image } = await ask(CALLS.imageStatus, { image: { image: name } });
      return image && imageOf(image);
    },
    async containers() {
      const { containers } = await ask(CALLS.listContainers, {});
      return containers.map(({ id, metadata, image, imageRef, imageId, state, labels }) => {
        const [namespace, pod] = [labels['io.kubernetes.pod.namespace'], labels['io.kubernetes.pod.name']];
        return {
          id,
          name: metadata?.name ?? '',
          ...(namespace === undefined || pod === undefined ? {} : { pod: `${namespace}/${pod}` }),
          state: CONTAINER_STATES[state] ?? 'unknown',
          images: [...new Set([imageId, imageRef, image?.image ?? ''])].filter((name) => name !== ''),
        };
      });
    },
    async imageVolumes(container) {
      const answer = await channel.call(CALLS.containerStatus, { containerId: container }, { timeoutMs: READ_MS });
      if (answer.status === 'ok') return (answer.value.status?.mounts ?? []).flatMap(({ image }) => image?.image || []);
      if (answer.code === STATUS.notFound) return [];
      throw refusal(answer.code, answer.message);
    },
    async filesystems() {
      const { imageFilesystems, containerFilesystems } = await ask(CALLS.imageFsInfo, {});
      return { images: imageFilesystems.map(filesystemOf), containers: containerFilesystems.map(filesystemOf) };
    },
    async pull(image, credential, { timeoutMs, signal }) {
      const auth = authOf(credential);
      const question = { image: { image }, ...(auth === undefined ? {} : { auth }) };
      try {
        const answer = await channel.call(CALLS.pullImage, question, { timeoutMs, signal });
        if (answer.status === 'ok') return { status: 'pulled', reference: answer.value.imageRef };
        if (answer.code === STATUS.deadlineExceeded) return { status: 'timed-out' };
        if (answer.code === STATUS.unimplemented) throw refusal(answer.code, answer.message);
        return { status: 'failed', message: redact(maskCredential(answer.message, credential)) };
      } catch (cause) {
        if (cause instanceof CodedError && cause.code === 'node/timeout') return { status: 'timed-out' };
        throw cause;
      }
    },
    async remove(id) {
      await ask(CALLS.removeImage, { image: { image: id } }, REMOVE_MS);
    },
    close: () => channel.close(),
  };
}

function refusal(code: number, message: string): CodedError {
  const words = redact(message);
  if (code === STATUS.unimplemented)
    return new CodedError('node/unsupported', `The container runtime does not speak CRI runtime.v1: ${words}`);
  if (code === STATUS.deadlineExceeded) return new CodedError('node/timeout', `The container runtime gave up: ${words}`);
  return new CodedError('node/refused', `The container runtime refuses: ${words}`, { retryable: code === STATUS.unavailable });
}

interface ListedImage {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: number;
  readonly pinned: boolean;
}

/** CRI-O and dockershim write `<none>` for what an image does not have. */
function imageOf({ id, repoTags, repoDigests, size, pinned }: ListedImage): RuntimeImage {
  const named = (names: readonly string[]) => names.filter((name) => !name.includes('<none>'));
  return { id, tags: named(repoTags), digests: named(repoDigests), bytes: size, pinned };
}

interface Usage {
  readonly identifier: { readonly mountpoint: string } | undefined;
  readonly usedBytes: { readonly value: number } | undefined;
  readonly inodesUsed: { readonly value: number } | undefined;
}

function filesystemOf({ identifier, usedBytes, inodesUsed }: Usage): RuntimeFilesystem {
  return { mountpoint: identifier?.mountpoint ?? '', usedBytes: usedBytes?.value ?? 0, usedInodes: inodesUsed?.value ?? 0 };
}

/** As the kubelet does it: no server's address goes with a login, and containerd refuses one that is no URL. */
function authOf(credential: Credential) {
  switch (credential.kind) {
    case 'anonymous':
      return undefined;
    case 'basic':
      return { username: credential.username, password: credential.password.reveal(), identityToken: '' };
    case 'identity-token':
      return { username: '', password: '', identityToken: credential.token.reveal() };
    default:
      return credential satisfies never;
  }
}
