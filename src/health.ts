import { asCodedError } from './errors.ts';

/** How a part of the program is. `says` is one sentence for whoever runs it: what it is, or what is wrong and what to do. */
export interface Health {
  readonly status: 'well' | 'ill';
  readonly says: string;
}

/** An adapter that can say how it is, by asking the other side something cheap. Never throws for what the other side does. */
export interface Checkable {
  check(signal: AbortSignal): Promise<Health>;
}

/** The answer to a check: what the look says, or its failure. A bug is still thrown. */
export async function healthOf(look: () => Promise<string>): Promise<Health> {
  try {
    return { status: 'well', says: await look() };
  } catch (cause) {
    const { fault, message } = asCodedError(cause);
    if (fault === 'bug') throw cause;
    return { status: 'ill', says: message };
  }
}
