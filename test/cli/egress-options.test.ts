import { describe, expect, it } from 'vitest';
import { egressFrom } from '../../src/cli/egress-options.ts';

describe('servers that an option names', () => {
  it('are collected, token servers by registry', () => {
    expect(egressFrom({})).toEqual({ allowLoopback: false, allowPrivate: [], tokenServers: {} });
    const options = {
      allowPrivate: ['minio.corp.example:9000', '10.0.0.0/8'],
      tokenServer: ['registry.example=auth.example', 'registry.example=auth.example:8443', 'other.example:5000=auth.example'],
    };
    expect(egressFrom(options)).toEqual({
      allowLoopback: false,
      allowPrivate: options.allowPrivate,
      tokenServers: { 'registry.example': ['auth.example', 'auth.example:8443'], 'other.example:5000': ['auth.example'] },
    });
  });

  it.each(['registry.example', '=auth.example', 'a=b=c', 'registry.example=10.0.0.0/8', 'registry.example=https://auth.example'])(
    'are no token server when they read %s',
    (pair) => {
      expect(() => egressFrom({ tokenServer: [pair] })).toThrow('--token-server takes REGISTRY=HOST');
    },
  );

  it('are no host when they are a URL', () => {
    expect(() => egressFrom({ allowPrivate: ['https://minio.corp.example'] })).toThrow('--allow-private takes a host');
  });
});
