import { CodedError } from '../errors.ts';

/** IPv4 and IPv6 addresses with a port, as Node.js names them in what it throws. */
const ADDRESS = /\[?(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})\]?:\d{1,5}/gi;

/** The same error without the address of an API server: some are shown to people who have no business with it. */
export function withoutAddress(error: CodedError, server: string): CodedError {
  const host = URL.canParse(server) ? new URL(server).host : '';
  const names = [server, host, host.replace(/:\d+$/, '')].filter((name) => name.length > 0);
  const message = names.reduce((text, name) => text.replaceAll(name, 'its address'), error.message).replace(ADDRESS, 'its address');
  const { code, retryable, retryAfterMs } = error;
  return new CodedError(code, message, { retryable, retryAfterMs });
}
