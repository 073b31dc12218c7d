import type { Refusal, RefusedBy } from '../../facts/registry-answer.ts';

/** A refusal as it is quoted in evidence and sentences. */
export function refusalWords(answer: Refusal): string {
  switch (answer.status) {
    case 'unauthorized':
      return said(`401${origin(answer.by)}`, answer);
    case 'forbidden':
      return said(`${answer.httpStatus ?? 403}${origin(answer.by)}`, answer);
    case 'missing':
      return said('404', answer);
    case 'rate-limited':
      return said(`429${answer.retryAfterSeconds === undefined ? '' : `, try again in ${answer.retryAfterSeconds} s`}`, answer);
    case 'failing':
      return said(`${answer.httpStatus}${origin(answer.by)}`, answer);
    case 'unusable':
    case 'not-asked':
      return answer.because;
    case 'unreachable':
      return answer.message;
    default:
      return answer satisfies never;
  }
}

/** The token server's word is told apart by a colon from what it says. */
function origin(by: RefusedBy): string {
  return by === 'token-server' ? ' from the token server:' : '';
}

function said(status: string, answer: { readonly code?: string; readonly message?: string }): string {
  return [status, answer.code, answer.message].filter(Boolean).join(' ').replace(/:$/, '');
}
