import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CALLS } from '../../src/node/cri/messages.ts';
import { CONTAINER_STATES, type RuntimeContainer, type RuntimeImage } from '../../src/node/cri/runtime.ts';

/** A container of the stand-in; `image` is the id that it was made from. */
export interface HeldContainer {
  readonly id: string;
  readonly image: string;
  /** What it was asked for by; its id where nothing is said. */
  readonly asked?: string;
  readonly state?: RuntimeContainer['state'];
  /** Images mounted into it. */
  readonly volumes?: readonly string[];
}

/** How the stand-in answers instead of by its rules: with an error, by cutting the connection, or never. */
export type Twist = { readonly code: number; readonly message: string } | 'cut' | 'silence' | 'nonsense' | 'too-much';

/** What a runtime holds, to be changed at any time. */
export interface CriState {
  images: RuntimeImage[];
  containers: HeldContainer[];
  configuration: Record<string, string>;
  mountpoint: string;
  /** What a pull brings, or the runtime's words. */
  pull: (image: string) => RuntimeImage | { readonly error: string };
  /** Called before each call is answered, with its name and what it is about. */
  before: (call: string, about: string) => Twist | undefined;
}

/** A stand-in for a container runtime that speaks CRI on a unix socket. */
export interface CriServer {
  readonly socket: string;
  readonly state: CriState;
  /** Names of the calls, with what they were about. */
  readonly calls: readonly string[];
  /** The login of the last pull. */
  readonly login: () => { readonly username: string; readonly password: string; readonly identityToken: string } | undefined;
  stop(): Promise<void>;
}

/**
 * `containerd` removes an image whoever uses it. `crio` follows CRI-O's documentation: ids without an algorithm, `<none>` for missing names, containers
 * that name their image as they were asked for, and no removal of what a container uses.
 */
export async function startCriServer(kind: 'containerd' | 'crio' = 'containerd', given: Partial<CriState> = {}): Promise<CriServer> {
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-cri-'));
  const socket = join(folder, 'cri.sock');
  const state: CriState = {
    images: [],
    containers: [],
    configuration: {},
    mountpoint: '/var/lib/images',
    pull: () => ({ error: 'not found' }),
    before: () => undefined,
    ...given,
  };
  const calls: string[] = [];
  let login: ReturnType<CriServer['login']>;
  const idOf = (id: string) => (kind === 'crio' ? id.replace(/^sha256:/, '') : id);
  const none = (names: readonly string[], word: string) => (kind === 'crio' && names.length === 0 ? [word] : [...names]);
  const listed = ({ id, tags, digests, bytes, pinned }: RuntimeImage) => ({
    id: idOf(id),
    repoTags: none(tags, '<none>:<none>'),
    repoDigests: none(digests, '<none>@<none>'),
    size: bytes,
    pinned,
  });
  const find = (name: string) =>
    state.images.find(({ id, tags, digests }) => idOf(id) === idOf(name) || tags.includes(name) || digests.includes(name));

  const answers: Readonly<
    Record<string, (question: Uint8Array) => { readonly about: string; readonly answer: () => Uint8Array | Refusal }>
  > = {
    [CALLS.version.path]: () => ({
      about: '',
      answer: () =>
        CALLS.version.answer.encode({ version: '0.1.0', runtimeName: kind === 'crio' ? 'cri-o' : 'containerd', runtimeVersion: '1.0' }),
    }),
    [CALLS.status.path]: () => ({
      about: '',
      answer: () =>
        CALLS.status.answer.encode({
          status: { conditions: [{ type: 'RuntimeReady', status: true, reason: '', message: '' }] },
          info: state.configuration,
        }),
    }),
    [CALLS.listContainers.path]: () => ({
      about: '',
      answer: () =>
        CALLS.listContainers.answer.encode({
          containers: state.containers.map(({ id, image, asked, state: now = 'running' }) => ({
            id,
            podSandboxId: 'sandbox',
            metadata: { name: `name-${id}` },
            image: { image: asked ?? idOf(image) },
            imageRef: kind === 'crio' && asked !== undefined ? asked : idOf(image),
            state: CONTAINER_STATES.indexOf(now),
            labels: { 'io.kubernetes.pod.name': `pod-${id}`, 'io.kubernetes.pod.namespace': 'shop' },
            // Containers made before an upgrade have no such field.
            imageId: kind === 'crio' ? idOf(image) : '',
          })),
        }),
    }),
    [CALLS.containerStatus.path]: (question) => {
      const { containerId } = CALLS.containerStatus.question.decode(question);
      return {
        about: containerId,
        answer: () => {
          const found = state.containers.find(({ id }) => id === containerId);
          if (!found) return { code: 5, message: `container "${containerId}" not found` };
          const mounts = (found.volumes ?? []).map((image) => ({ image: { image } }));
          return CALLS.containerStatus.answer.encode({ status: { mounts } });
        },
      };
    },
    [CALLS.listImages.path]: () => ({ about: '', answer: () => CALLS.listImages.answer.encode({ images: state.images.map(listed) }) }),
    [CALLS.imageStatus.path]: (question) => {
      const name = CALLS.imageStatus.question.decode(question).image?.image ?? '';
      return {
        about: name,
        answer: () => {
          const found = find(name);
          return CALLS.imageStatus.answer.encode(found ? { image: listed(found) } : {});
        },
      };
    },
    [CALLS.pullImage.path]: (question) => {
      const { image, auth } = CALLS.pullImage.question.decode(question);
      const name = image?.image ?? '';
      login = auth;
      return {
        about: name,
        answer: () => {
          const pulled = state.pull(name);
          if ('error' in pulled) return { code: 2, message: pulled.error };
          state.images = [...state.images.filter(({ id }) => id !== pulled.id), pulled];
          return CALLS.pullImage.answer.encode({ imageRef: idOf(pulled.id) });
        },
      };
    },
    [CALLS.removeImage.path]: (question) => {
      const name = CALLS.removeImage.question.decode(question).image?.image ?? '';
      return {
        about: name,
        answer: () => {
          const found = find(name);
          const used = state.containers.find(({ image }) => image === found?.id);
          if (kind === 'crio' && found && used) return { code: 2, message: `image used by ${used.id}: image is in use by a container` };
          state.images = state.images.filter((image) => image !== found);
          return CALLS.removeImage.answer.encode({});
        },
      };
    },
    [CALLS.imageFsInfo.path]: () => ({
      about: '',
      answer: () =>
        CALLS.imageFsInfo.answer.encode({
          imageFilesystems: [
            {
              identifier: { mountpoint: state.mountpoint },
              usedBytes: { value: state.images.reduce((sum, { bytes }) => sum + bytes, 0) },
              inodesUsed: { value: state.images.length },
            },
          ],
          containerFilesystems: [],
        }),
    }),
  };

  const sessions = new Set<Http2Session>();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    const path = headers[':path'] ?? '';
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const known = answers[path]?.(Buffer.concat(chunks).subarray(5));
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (!known) return refuse(stream, { code: 12, message: `unknown method ${name}` });
      calls.push(`${name} ${known.about}`.trim());
      const twist = state.before(name, known.about);
      if (twist === 'silence') return;
      if (twist === 'cut') return stream.session?.destroy();
      if (twist === 'nonsense') return send(stream, new Uint8Array([0x0a, 0xff]));
      if (twist === 'too-much') return send(stream, new Uint8Array(17 * 1024 * 1024));
      const answer = twist ?? known.answer();
      if (answer instanceof Uint8Array) send(stream, answer);
      else refuse(stream, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    state,
    calls,
    login: () => login,
    async stop() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** As servers in Go do it: an error has no body, and its words are percent-encoded where they are not plain. */
function refuse(stream: ServerHttp2Stream, { code, message }: Refusal): void {
  const encoded = message.replace(/[^ -$&-~]/gu, (letter) => encodeURIComponent(letter));
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(code), 'grpc-message': encoded },
    { endStream: true },
  );
}

function send(stream: ServerHttp2Stream, bytes: Uint8Array): void {
  const frame = Buffer.alloc(5 + bytes.length);
  frame.writeUInt32BE(bytes.length, 1);
  frame.set(bytes, 5);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(frame);
}
