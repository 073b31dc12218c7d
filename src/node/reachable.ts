import { CodedError } from '../errors.ts';
import { apiHostOf } from '../facts/docker-hub.ts';
import { registryOf, splitPort } from '../facts/image-reference.ts';
import { createAddressGuard, REFUSED_BY_GUARD } from '../network/address-guard.ts';
import { literalAddress } from '../network/ip-address.ts';
import { CONNECT_MS } from '../network/network-problem.ts';
import { deadline } from '../timing/deadline.ts';

const HTTPS_PORT = 443;

/** The server that an image's registry is asked at, from what the image says alone. */
function registryServer(image: string): { readonly host: string; readonly port: number } {
  const { host, port } = splitPort(apiHostOf(registryOf(image)));
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? HTTPS_PORT : Number(port) };
}

/**
 * Throws `node/address-refused` where the registry of an image has an address that the program does not have asked, such as that of a cloud's metadata.
 * The runtime looks the name up once more, so this keeps from accidents and plain tricks. A name that cannot be resolved passes: that is what the pull
 * will show.
 */
export async function checkRegistryAddress(image: string, allowLoopback: boolean): Promise<void> {
  const to = { ...registryServer(image), namedBy: 'image' as const };
  const guard = createAddressGuard({ allowLoopback });
  const literal = literalAddress(to.host);
  const because = literal === undefined ? await refusalOfName(to.host, guard.lookup(to)) : guard.refusal(literal, to);
  if (because !== undefined) throw new CodedError('node/address-refused', `${to.host} is not asked: ${because}.`);
}

async function refusalOfName(
  name: string,
  lookup: ReturnType<ReturnType<typeof createAddressGuard>['lookup']>,
): Promise<string | undefined> {
  const resolved = () =>
    new Promise<string | undefined>((resolve) =>
      lookup(name, { all: true }, (error) => resolve(error?.code === REFUSED_BY_GUARD ? 'all of its addresses are refused' : undefined)),
    );
  try {
    return await deadline({ ms: CONNECT_MS }, resolved);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'TimeoutError') return undefined;
    throw cause;
  }
}
