import { describe, expect, it } from 'vitest';
import { withoutAddress } from '../../src/cluster/hidden-address.ts';
import { unreachable } from '../../src/cluster/kubernetes-error.ts';
import { CodedError } from '../../src/errors.ts';

const SERVER = 'https://api.corp.example:6443';
const hidden = (message: string) => withoutAddress(new CodedError('cluster/unreachable', message, { retryable: true }), SERVER);

describe('an error that people may see who need not know where the API server is', () => {
  it.each([
    ['connect EHOSTUNREACH 10.11.12.13:6443', 'connect EHOSTUNREACH its address'],
    ['connect EHOSTUNREACH fd00:10::7:6443 - Local (:::0)', 'connect EHOSTUNREACH its address - Local (its address)'],
    ['connect [fd00:10::7]:6443', 'connect its address'],
    [`Cannot reach ${SERVER}/: no`, 'Cannot reach its address/: no'],
    ['getaddrinfo EAI_FAIL api.corp.example', 'getaddrinfo EAI_FAIL its address'],
    ['no answer in time', 'no answer in time'],
  ])('has none of %j', (message, says) => {
    expect(hidden(message)).toMatchObject({ code: 'cluster/unreachable', retryable: true, message: says });
  });

  it('still says which cluster it is about, and what went wrong', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.11.12.13:6443'), { code: 'ECONNREFUSED' });
    expect(withoutAddress(unreachable('of prod', cause, 'connection'), SERVER).message).toBe(
      'Cannot reach the API server of prod: connection refused.',
    );
  });
});
