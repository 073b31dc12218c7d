/** Why no usable HTTP answer came back, as seen by the bot. */
export const NETWORK_PROBLEMS = [
  'dns-failure',
  'timeout',
  'connection-refused',
  'connection-reset',
  'unreachable',
  'tls-untrusted',
  'tls-expired',
  'tls-hostname',
  'plain-http',
  'proxy-failure',
  'address-refused',
] as const;
export type NetworkProblem = (typeof NETWORK_PROBLEMS)[number];

/** What a registry says of its limit; from the headers RateLimit-Limit, RateLimit-Remaining and the like. */
export interface RateLimit {
  readonly limit?: number;
  readonly remaining?: number;
  readonly windowSeconds?: number;
  /** Whom it counts: an address or an account id, if the registry says (`docker-ratelimit-source`). */
  readonly source?: string;
}

/** One platform of an index. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** One member of an index that is an image (attestations and signatures are left out). */
export interface IndexMember {
  readonly digest: string;
  /** Absent where the index names none; runtimes take such a member for any node. */
  readonly platform?: Platform;
}

/** What a manifest turned out to be. `opaque` when only its headers were read. */
export type ManifestContent =
  | { readonly kind: 'opaque' }
  | { readonly kind: 'index'; readonly members: readonly IndexMember[] }
  /** `bytes` is what must be pulled: configuration and layers, compressed; `digests` are those of the layers. */
  | {
      readonly kind: 'image';
      readonly bytes: number;
      readonly layers: number;
      readonly digests: readonly string[];
      readonly configType: string;
    }
  /** Schema 1, or an artifact that is no image; `because` says which. */
  | { readonly kind: 'unsupported'; readonly because: string };

interface Asked {
  /** HTTP requests it took, token servers included. */
  readonly requests: number;
  readonly milliseconds: number;
  readonly rateLimit?: RateLimit;
}

/** Where a refusal came from: the token server refuses a login, the registry refuses the pull. */
export type RefusedBy = 'registry' | 'token-server';

/**
 * Every way in which a registry can fail to hand out what was asked for. `code` and `message` are those
 * of an error in the form of the distribution specification, redacted and shortened; nothing else of an answer is repeated.
 */
export type Refusal =
  /** 401. `hidesMissing` when this registry answers so for repositories that do not exist as well. */
  | {
      readonly status: 'unauthorized';
      readonly by: RefusedBy;
      readonly code?: string;
      readonly message?: string;
      readonly hidesMissing?: boolean;
    }
  /** 403. `hidesMissing` when this registry answers so for repositories that do not exist as well. */
  | {
      readonly status: 'forbidden';
      readonly by: RefusedBy;
      readonly code?: string;
      readonly message?: string;
      readonly hidesMissing: boolean;
      /** Set where the status was another one: some registries answer 401 to a token that is too weak. */
      readonly httpStatus?: number;
      /** Set when the registry says that it does not want this address, whoever asks. */
      readonly addressBlocked?: boolean;
    }
  /** 404; `unknown` when the registry does not say which of both. */
  | { readonly status: 'missing'; readonly what: 'tag' | 'repository' | 'unknown'; readonly code?: string; readonly message?: string }
  | {
      readonly status: 'rate-limited';
      readonly by: RefusedBy;
      readonly retryAfterSeconds?: number;
      readonly message?: string;
      readonly rateLimit?: RateLimit;
    }
  /** 5xx, and statuses nobody expects. */
  | { readonly status: 'failing'; readonly httpStatus: number; readonly by: RefusedBy; readonly message?: string }
  /** HTTP came back, but nothing a registry would say: a login page, broken JSON, an endless redirect, too much of it. */
  | { readonly status: 'unusable'; readonly because: string }
  | { readonly status: 'unreachable'; readonly problem: NetworkProblem; readonly host: string; readonly message: string }
  /**
   * Not asked: to spare the registry, since the budget is used up or the same credential was refused a moment ago, or because its token
   * server may not be asked or not be sent this login.
   */
  | { readonly status: 'not-asked'; readonly because: string };

/** The answer to one question for a manifest as one account. */
export type ManifestAnswer = Asked &
  (Refusal | { readonly status: 'found'; readonly digest?: string; readonly mediaType?: string; readonly content: ManifestContent });

/** The answer to a question for tags. `complete` is false when there are more than were read. */
export type TagsAnswer = Asked & (Refusal | { readonly status: 'found'; readonly tags: readonly string[]; readonly complete: boolean });

/** The answer to a question for a blob. */
export type BlobAnswer = Asked & (Refusal | { readonly status: 'found'; readonly bytes?: number });

/** How a registry greets. `challenge` is absent when it asks for no login at /v2/. */
export type Ping = Asked & { readonly host: string } & (
    | {
        readonly status: 'answers';
        readonly scheme: 'https' | 'http';
        readonly httpStatus: number;
        /** False when nothing in the answer says that this is a registry. */
        readonly isRegistry: boolean;
        readonly challenge?: { readonly scheme: 'basic' | 'bearer'; readonly realm: string; readonly service?: string };
      }
    | { readonly status: 'unusable'; readonly because: string }
    | { readonly status: 'unreachable'; readonly problem: NetworkProblem; readonly host: string; readonly message: string }
    | { readonly status: 'not-asked'; readonly because: string }
  );
