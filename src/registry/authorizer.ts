import type { Credential } from '../facts/credential.ts';
import type { Refusal } from '../facts/registry-answer.ts';
import type { Demand } from './auth/demand.ts';
import type { Fingerprint } from './auth/fingerprint.ts';
import type { TokenCache } from './auth/token-cache.ts';
import { basicHeader, fetchToken, type TokenServers } from './auth/token-server.ts';
import type { Conversation } from './conversation.ts';
import type { Pinger } from './ping.ts';
import type { Sender } from './sender.ts';

/** What is sent along with a request; the token for masking it, its key for forgetting it. */
export interface Ready {
  readonly status: 'ready';
  readonly headers: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly tokenKey?: string;
}

/** Makes ready what a registry demands, or says why it cannot be had. */
export type Authorizer = (
  who: { readonly conversation: Conversation; readonly credential: Credential; readonly origin: URL },
  demand: Demand,
) => Promise<Ready | Refusal>;

/** An authorizer that fetches each token once while it lives. */
export function createAuthorizer(parts: {
  readonly send: Sender['send'];
  readonly familyOf: Pinger['familyOf'];
  readonly fingerprint: Fingerprint;
  readonly tokens: TokenCache;
  readonly tokenServers: TokenServers;
}): Authorizer {
  const { send, familyOf, fingerprint, tokens, tokenServers } = parts;
  return async ({ conversation, credential, origin }, demand) => {
    if (!demand.token) return { status: 'ready', headers: demand.basic ? basicHeader(credential) : {} };
    const wanted = demand.token;
    // A token server that may be sent a login of one registry may not be sent it for another.
    const tokenKey = [conversation.registry, wanted.realm, wanted.service, wanted.scope, fingerprint(credential)].join(' ');
    const registry = { name: conversation.registry, origin, family: familyOf(conversation) };
    const answer = await tokens.get({ key: tokenKey, realm: wanted.realm }, () =>
      fetchToken({ demand: wanted, credential, registry, tokenServers, send: (request) => send(conversation, request) }),
    );
    if (answer.status !== 'token') return answer;
    const token = answer.token.reveal();
    return { status: 'ready', headers: { authorization: `Bearer ${token}` }, token, tokenKey };
  };
}
