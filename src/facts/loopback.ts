const LOOPBACK = /^(?:localhost\.?|127(?:\.[0-9]{1,3}){3}|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\])$/;

/**
 * True for `localhost` and for addresses of 127.0.0.0/8 and ::1, with or without a port, however they are written
 * (`127.1`, `0x7f.1`, `[::ffff:127.0.0.1]`). A name that only looks like one (`127.evil.example`) is a name.
 */
export function isLoopback(host: string): boolean {
  const bare = (host.match(/:/g)?.length ?? 0) > 1 && !host.startsWith('[');
  // The URL parser reads what an HTTP client would, and makes an address of everything that can be one.
  const url = URL.parse(`http://${bare ? `[${host}]` : host}`);
  return url !== null && LOOPBACK.test(url.hostname);
}
