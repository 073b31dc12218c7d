import { CodedError } from '../errors.ts';
import { parseImageReference } from '../facts/image-reference.ts';

/** The tasks of `imagepull node`. */
export const NODE_TASKS = ['probe', 'pull', 'images', 'prune'] as const;

/** What every task may be told. */
export interface NodeOptions {
  /** The runtime's socket, as a path or `unix://`; without it the usual ones are tried. */
  readonly socket?: string;
  /** Where the node's own files are mounted. */
  readonly hostRoot?: string;
  /** Seconds. */
  readonly deadline?: string;
  /** `pull`: file with the login, `-` for standard input. */
  readonly login?: string;
  /** `pull`: leave the image there. */
  readonly keep?: boolean;
  /** `probe` and `pull`: the registry may have a loopback address. */
  readonly allowLoopback?: boolean;
  /** `prune`: file with the plan. */
  readonly plan?: string;
}

interface Common {
  readonly socket: string | undefined;
  readonly hostRoot: string;
}

interface AboutImage extends Common {
  readonly image: string;
  readonly allowLoopback: boolean;
  readonly timeoutMs: number;
}

/** One task with all it needs. */
export type NodeTask =
  | (Common & { readonly kind: 'images' })
  | (AboutImage & { readonly kind: 'probe' })
  | (AboutImage & { readonly kind: 'pull'; readonly login: string | undefined; readonly keep: boolean })
  | (Common & { readonly kind: 'prune'; readonly plan: string });

/** Long enough for a large image on a slow line, and shorter than a kubelet's back-off. */
const PULL_MS = 240_000;
const PROBE_MS = 20_000;
const LONGEST_MS = 1_800_000;

/** Which options go with which task, besides those of all. */
const OPTIONS: Readonly<Record<NodeTask['kind'], readonly (keyof NodeOptions)[]>> = {
  probe: ['allowLoopback', 'deadline'],
  pull: ['allowLoopback', 'deadline', 'login', 'keep'],
  images: [],
  prune: ['plan'],
};

/** What was asked for, from the words of a command line. Throws `usage/node`. */
export function readTask([name, image, ...rest]: readonly string[], options: NodeOptions): NodeTask {
  const kind = NODE_TASKS.find((task) => task === name);
  if (kind === undefined) throw usage(`Say what to do: ${NODE_TASKS.join(', ')}.`);
  const misplaced = Object.keys(options).find((option) => !['socket', 'hostRoot', ...OPTIONS[kind]].includes(option));
  if (misplaced !== undefined) throw usage(`--${misplaced.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is not for ${kind}.`);
  const common = { socket: options.socket, hostRoot: options.hostRoot ?? '/' };
  if (kind === 'images' || kind === 'prune') {
    if (image !== undefined) throw usage(`${kind} takes no image.`);
    if (kind === 'images') return { kind, ...common };
    if (options.plan === undefined) throw usage('prune needs --plan, the file that says what may be removed.');
    return { kind, ...common, plan: options.plan };
  }
  if (image === undefined || rest.length > 0) throw usage(`${kind} takes one image.`);
  const parsed = parseImageReference(image);
  if (parsed.status === 'invalid') throw usage(`That is no image reference: ${parsed.because}.`);
  const about = { ...common, image, allowLoopback: options.allowLoopback ?? false };
  if (kind === 'probe') return { kind, ...about, timeoutMs: milliseconds(options.deadline, PROBE_MS) };
  return {
    kind,
    ...about,
    timeoutMs: milliseconds(options.deadline, PULL_MS),
    login: options.login,
    keep: options.keep ?? false,
  };
}

function milliseconds(seconds: string | undefined, otherwise: number): number {
  if (seconds === undefined) return otherwise;
  const [, digits] = /^([1-9][0-9]{0,4})s?$/.exec(seconds) ?? [];
  if (digits === undefined) throw usage('Write --deadline in seconds, such as 60.');
  return Math.min(Number(digits) * 1_000, LONGEST_MS);
}

function usage(message: string): CodedError {
  return new CodedError('usage/node', message);
}
