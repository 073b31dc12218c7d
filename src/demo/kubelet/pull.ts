import { STATUS_CODES } from 'node:http';
import { request } from 'undici';
import { z } from 'zod';

/** What somebody pulls with. */
export interface PullLogin {
  readonly username: string;
  readonly password: string;
}

/** What came of a pull. */
export type Pulled =
  /** `id` is the digest of its configuration, by which a runtime knows it. */
  | { readonly status: 'pulled'; readonly digest: string; readonly id: string; readonly bytes: number }
  | { readonly status: 'failed'; readonly message: string };

/** What is pulled, and by which way. */
export interface Pull {
  /** `127.0.0.1:5000/shop/web:1.27`, with a tag, a digest or both. */
  readonly image: string;
  /** Absent where no secret fits. */
  readonly login: PullLogin | undefined;
  /** Where the node asks in place of the image's own registry; absent for the registry itself. */
  readonly mirror?: string | undefined;
}

const LIMIT_MS = 10_000;
const ACCEPT = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json';
const Manifest = z.object({ config: z.object({ size: z.number(), digest: z.string() }), layers: z.array(z.object({ size: z.number() })) });
const Token = z.object({ token: z.string() });

const Index = z.object({
  manifests: z.array(z.object({ digest: z.string(), platform: z.object({ os: z.string(), architecture: z.string() }) })),
});
/** Of all nodes. */
const ARCHITECTURE = 'amd64';

/** There is no manifest for the node's platform; said in whole by the kubelet. */
class WrongPlatform extends Error {}

/** What a pull cannot go on from, as containerd words it. */
class PullFailure extends Error {}

/** Pulls an image over HTTP as containerd 2.1 does, layers left out, and fails in its words. */
export async function pull({ image, login, mirror }: Pull): Promise<Pulled> {
  const [, host = '', repository = '', tag = 'latest', digest] =
    /^([^/]+)\/([^:@]+)(?::([^:@]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image) ?? [];
  if (host === '') return { status: 'failed', message: `couldn't parse image name "${image}": invalid reference format` };
  const origin = `http://${mirror ?? host}`;
  const manifest = `${origin}/v2/${repository}/manifests/${digest ?? tag}`;
  try {
    const first = await send('HEAD', manifest, undefined);
    const authorization = first.status === 401 ? await authorize(first, login) : undefined;
    const head = authorization === undefined ? first : await send('HEAD', manifest, authorization);
    if (head.status === 404) throw new PullFailure(`${image}: not found`);
    if (head.status === 401) throw new PullFailure(denied(head));
    if (head.status !== 200) throw new PullFailure(unexpected('HEAD', manifest, head));
    const body = await send('GET', manifest, authorization);
    if (body.status !== 200) throw new PullFailure(unexpected('GET', manifest, body));
    const digestOf = head.header('docker-content-digest');
    const { config, layers } = await manifestOf(body, { index: digestOf, at: `${origin}/v2/${repository}/manifests`, authorization });
    const bytes = [config, ...layers].reduce((sum, { size }) => sum + size, 0);
    return { status: 'pulled', digest: digestOf, id: config.digest, bytes };
  } catch (cause) {
    if (cause instanceof WrongPlatform) return { status: 'failed', message: cause.message };
    if (!(cause instanceof PullFailure)) throw cause;
    // Of all codes only this one is told by the kubelet.
    const code = cause.message.endsWith(': not found') ? 'rpc error: code = NotFound desc = ' : '';
    return { status: 'failed', message: `${code}failed to pull and unpack image "${image}": failed to resolve image: ${cause.message}` };
  }
}

/** The manifest for the node's platform, where an index was answered. */
async function manifestOf(
  answer: Answer,
  { index, at, authorization }: { readonly index: string; readonly at: string; readonly authorization: string | undefined },
): Promise<z.infer<typeof Manifest>> {
  const body: unknown = JSON.parse(answer.text);
  const read = Index.safeParse(body);
  if (!read.success) return Manifest.parse(body);
  const found = read.data.manifests.find(({ platform }) => platform.os === 'linux' && platform.architecture === ARCHITECTURE);
  if (found === undefined)
    throw new WrongPlatform(
      `rpc error: code = NotFound desc = get image config descriptor: no match for platform in manifest ${index}: not found`,
    );
  const manifest = await send('GET', `${at}/${found.digest}`, authorization);
  if (manifest.status !== 200) throw new PullFailure(unexpected('GET', `${at}/${found.digest}`, manifest));
  return Manifest.parse(JSON.parse(manifest.text));
}

/** The header that an answer asks for: a token, by the login or as nobody; undefined where it does not say of whom. */
async function authorize(asked: Answer, login: PullLogin | undefined): Promise<string | undefined> {
  const challenge = asked.header('www-authenticate');
  if (challenge === '') return undefined;
  const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const url = new URL(value('realm'));
  for (const name of ['scope', 'service']) url.searchParams.set(name, value(name));
  const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const answer = await send('GET', url.href, basic);
  if (answer.status === 200) return `Bearer ${Token.parse(JSON.parse(answer.text)).token}`;
  throw new PullFailure(
    `failed to authorize: failed to fetch ${login ? 'oauth' : 'anonymous'} token: ${unexpected('GET', url.href, answer)}`,
  );
}

function denied({ header }: Answer): string {
  const error = /error="([^"]*)"/.exec(header('www-authenticate'))?.[1];
  const said = error === undefined ? '' : `server message: ${error}: `;
  return `pull access denied, repository does not exist or may require authorization: ${said}authorization failed`;
}

function unexpected(method: string, url: string, { status }: Answer): string {
  return `unexpected status from ${method} request to ${url}: ${status} ${STATUS_CODES[status]}`;
}

/** What a registry or a token server answered. */
interface Answer {
  readonly status: number;
  /** Of a header; empty where it is not there. */
  readonly header: (name: string) => string;
  readonly text: string;
}

async function send(method: 'GET' | 'HEAD', url: string, authorization: string | undefined): Promise<Answer> {
  const headers = { accept: ACCEPT, 'user-agent': 'containerd/v2.1.9', ...(authorization === undefined ? {} : { authorization }) };
  try {
    // The registry is ours, and sends no body after a HEAD: the connection can be used again.
    const answer = await request(url, { method, headers, reset: false, signal: AbortSignal.timeout(LIMIT_MS) });
    const text = await answer.body.text();
    return { status: answer.statusCode, header: (name) => String(answer.headers[name] ?? ''), text };
  } catch (cause) {
    const verb = method === 'GET' ? 'Get' : 'Head';
    throw new PullFailure(`failed to do request: ${verb} "${url}": ${networkWords(url, cause)}`);
  }
}

/** Loopback either refuses, or ends what was begun. */
function networkWords(url: string, cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED')
    return `dial tcp ${new URL(url).host}: connect: connection refused`;
  return cause instanceof DOMException && cause.name === 'TimeoutError' ? 'context deadline exceeded' : 'EOF';
}
