import { randomUUID } from 'node:crypto';
import type { Login, Repositories } from './repositories.ts';

/** Tokens for repositories, as the distribution specification describes them: https://distribution.github.io/distribution/spec/auth/token/ */
export class Tokens {
  readonly #repositories: Repositories;
  /** What each was given for: a repository, to somebody with a login or to nobody. */
  readonly #given = new Map<string, { readonly repository: string; readonly login: Login | undefined }>();

  constructor(repositories: Repositories) {
    this.#repositories = repositories;
  }

  /** A token for what `scope` asks for; undefined where the login in the header is nobody's. */
  give(scope: string, authorization: string | undefined): string | undefined {
    const login = this.#loginIn(authorization);
    if (login === 'unknown') return undefined;
    const token = randomUUID();
    this.#given.set(token, { repository: /^repository:(.+):[^:]*$/.exec(scope)?.[1] ?? '', login });
    return token;
  }

  /** Whether a request may read a repository; `insufficient` where it has a token that is not enough for that. */
  allows(repository: string, authorization: string | undefined): 'yes' | 'no' | 'insufficient' {
    const wanted = this.#repositories.loginOf(repository);
    if (wanted === undefined) return 'yes';
    const token = this.#given.get(/^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '');
    if (token === undefined) return 'no';
    const { username } = token.login ?? {};
    return token.repository === repository && username === wanted.username ? 'yes' : 'insufficient';
  }

  /** Whether a request has a token, and whether that was given to somebody with a login. */
  holder(authorization: string | undefined): 'nobody' | 'anonymous' | 'account' {
    const token = this.#given.get(/^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '');
    return token === undefined ? 'nobody' : token.login === undefined ? 'anonymous' : 'account';
  }

  #loginIn(authorization: string | undefined): Login | 'unknown' | undefined {
    if (authorization === undefined) return undefined;
    const [username, password] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
      .toString('utf8')
      .split(/:(.*)/s);
    return this.#repositories.logins().find((login) => login.username === username && login.password === password) ?? 'unknown';
  }
}
