/** Whose fault an error is: of who asked or configured, of something outside, or of this program. */
export type Fault = 'caller' | 'outside' | 'bug';

/**
 * Every code, `area/what`, which never changes once released; whose fault it is, and whether another try may help. Where
 * one code stands for both, who throws it decides on the latter.
 */
const ERRORS = {
  'alert/not-json': { fault: 'caller' },
  'alert/unreadable': { fault: 'caller' },
  'audit/broken': { fault: 'outside' },
  'audit/busy': { fault: 'outside', retryable: true },
  'audit/unfit': { fault: 'bug' },
  'chat/bad-token': { fault: 'outside' },
  'chat/busy': { fault: 'outside', retryable: true },
  'chat/channel-gone': { fault: 'outside' },
  'chat/message-gone': { fault: 'outside' },
  'chat/missing-scope': { fault: 'outside' },
  'chat/no-conversation': { fault: 'outside' },
  'chat/not-in-channel': { fault: 'outside' },
  'chat/refused': { fault: 'outside' },
  'chat/unavailable': { fault: 'outside', retryable: true },
  'chat/user-not-there': { fault: 'outside' },
  'cluster/bad-answer': { fault: 'outside' },
  'cluster/conflict': { fault: 'outside' },
  'cluster/denied': { fault: 'caller' },
  'cluster/expired': { fault: 'outside', retryable: true },
  'cluster/forbidden': { fault: 'outside' },
  'cluster/invalid': { fault: 'outside' },
  'cluster/no-kubeconfig': { fault: 'caller' },
  'cluster/not-found': { fault: 'outside' },
  'cluster/outcome-unknown': { fault: 'outside' },
  'cluster/unauthenticated': { fault: 'outside' },
  'cluster/unavailable': { fault: 'outside', retryable: true },
  'cluster/unknown-context': { fault: 'caller' },
  'cluster/unreachable': { fault: 'outside', retryable: true },
  'config/access': { fault: 'caller' },
  'config/alerts': { fault: 'caller' },
  'config/channels': { fault: 'caller' },
  'config/clusters': { fault: 'caller' },
  'config/file': { fault: 'caller' },
  'config/http': { fault: 'caller' },
  'config/option': { fault: 'caller' },
  'config/proxy': { fault: 'caller' },
  'config/redis': { fault: 'caller' },
  'config/remedies': { fault: 'caller' },
  'config/roles': { fault: 'caller' },
  'config/signing-key': { fault: 'caller' },
  'config/slack': { fault: 'caller' },
  'demo/otherwise': { fault: 'bug' },
  'engine/no-chat': { fault: 'bug' },
  'engine/no-detector': { fault: 'bug' },
  'engine/no-executor': { fault: 'bug' },
  'engine/timeout': { fault: 'outside' },
  'engine/unknown-cluster': { fault: 'bug' },
  'engine/unknown-probe': { fault: 'bug' },
  'engine/unknown-step': { fault: 'bug' },
  'installation/incomplete': { fault: 'outside' },
  'internal/unexpected': { fault: 'bug' },
  'kubelet/bad-answer': { fault: 'outside' },
  'kubelet/forbidden': { fault: 'outside' },
  'kubelet/off': { fault: 'outside' },
  'kubelet/unreachable': { fault: 'outside' },
  'kubelet/unsupported': { fault: 'outside' },
  'node/address-refused': { fault: 'caller' },
  'node/bad-answer': { fault: 'outside' },
  'node/forbidden': { fault: 'caller' },
  'node/interrupted': { fault: 'outside' },
  'node/login': { fault: 'caller' },
  'node/plan': { fault: 'caller' },
  'node/refused': { fault: 'outside' },
  'node/timeout': { fault: 'outside', retryable: true },
  'node/unreachable': { fault: 'outside', retryable: true },
  'node/unsupported': { fault: 'outside' },
  'output/not-written': { fault: 'outside' },
  'plan/no-login': { fault: 'outside' },
  'plan/no-node-tasks': { fault: 'outside' },
  'plan/not-signed': { fault: 'outside' },
  'queue/connection': { fault: 'outside' },
  'queue/malformed-task': { fault: 'bug' },
  'queue/no-answer': { fault: 'outside', retryable: true },
  'queue/refused': { fault: 'outside' },
  'queue/task-failed': { fault: 'bug' },
  'queue/unavailable': { fault: 'outside', retryable: true },
  'queue/worker': { fault: 'outside' },
  'recording/absent': { fault: 'caller' },
  'recording/broken': { fault: 'caller' },
  'recording/exists': { fault: 'caller' },
  'recording/incomplete': { fault: 'caller' },
  'recording/not-found': { fault: 'caller' },
  'recording/not-writable': { fault: 'caller' },
  'recording/several-pods': { fault: 'caller' },
  'recording/too-new': { fault: 'caller' },
  'runbook/invalid': { fault: 'caller' },
  'slack/too-slow': { fault: 'outside', retryable: true },
  'store/exists': { fault: 'bug' },
  'store/held': { fault: 'outside' },
  'store/newer': { fault: 'outside', retryable: true },
  'store/not-found': { fault: 'bug' },
  'store/refused': { fault: 'outside' },
  'store/too-large': { fault: 'bug' },
  'store/unavailable': { fault: 'outside', retryable: true },
  'store/unknown-format': { fault: 'bug' },
  'store/unreadable': { fault: 'bug' },
  'target/not-found': { fault: 'caller' },
  'usage/allow-private': { fault: 'caller' },
  'usage/as-group': { fault: 'caller' },
  'usage/audit': { fault: 'caller' },
  'usage/corrections': { fault: 'caller' },
  'usage/demo': { fault: 'caller' },
  'usage/doctor': { fault: 'caller' },
  'usage/direct-as': { fault: 'caller' },
  'usage/kubelet-option': { fault: 'caller' },
  'usage/no-message': { fault: 'caller' },
  'usage/no-prometheus': { fault: 'caller' },
  'usage/no-target': { fault: 'caller' },
  'usage/node': { fault: 'caller' },
  'usage/node-probe': { fault: 'caller' },
  'usage/not-text': { fault: 'caller' },
  'usage/selector': { fault: 'caller' },
  'usage/target-name': { fault: 'caller' },
  'usage/token-server': { fault: 'caller' },
  'usage/too-large': { fault: 'caller' },
  'usage/two-subjects': { fault: 'caller' },
  'usage/two-targets': { fault: 'caller' },
  'usage/unknown-cause': { fault: 'caller' },
  'usage/unknown-step': { fault: 'caller' },
} as const satisfies Readonly<Record<`${string}/${string}`, { readonly fault: Fault; readonly retryable?: true }>>;

export type ErrorCode = keyof typeof ERRORS;
/** The part of a code before the slash: what failed. */
export type ErrorArea = ErrorCode extends `${infer Area}/${string}` ? Area : never;

const CODES: ReadonlySet<string> = new Set(Object.keys(ERRORS));

/** True for a code of this program; one that was stored may be of another version. */
export function isErrorCode(code: string): code is ErrorCode {
  return CODES.has(code);
}

/** Base of every error this program throws on purpose; `message` is written for the person who caused it. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly area: ErrorArea;
  readonly fault: Fault;
  /** Whether another try may help. */
  readonly retryable: boolean;
  /** How long to wait at least before trying again, ms, where the other side said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly retryable?: boolean; readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    const known: { readonly fault: Fault; readonly retryable?: true } = ERRORS[code];
    this.name = 'CodedError';
    this.code = code;
    // A code has one slash, and what stands before it is its area.
    this.area = code.split('/', 1)[0] as ErrorArea;
    this.fault = known.fault;
    this.retryable = options.retryable ?? known.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Any thrown value as a CodedError; what was not thrown on purpose gets the code `internal/unexpected`. */
export function asCodedError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError('internal/unexpected', wordsOf(error), { cause: error });
}

/** Several failures at once (AggregateError) come without a message of their own; then their code or name is all there is. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.message || code || error.name;
}

/** What the system says of a file, folder or stream that cannot be read or written, in the words of people. */
export function fileProblem(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return FILE_PROBLEMS[code] ?? asCodedError(cause).message.replace(/[.!]$/, '');
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the device reports an input/output error',
  ENAMETOOLONG: 'its name is too long',
};
