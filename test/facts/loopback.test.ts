import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../src/facts/loopback.ts';

describe('a loopback host', () => {
  it.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'localhost:5000',
    '127.0.0.1',
    '127.0.0.1.',
    '127.0.0.1:5000',
    '127.255.255.254',
    '127.1',
    '0x7f.1',
    '0177.0.0.1',
    '2130706433',
    '::1',
    '[::1]',
    '[::1]:5000',
    '[0:0:0:0:0:0:0:1]:443',
    '::ffff:127.0.0.1',
    '[::ffff:127.3.2.1]:5000',
  ])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    '127.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1.evil.example:5000',
    'localhost.evil.example',
    'localhost.evil',
    'mylocalhost',
    'evil-localhost:5000',
    'registry.example',
    '128.0.0.1',
    '1.127.0.0',
    '127',
    '[::2]',
    '[::ffff:128.0.0.1]',
    '[::1:0]:443',
    'localhost@evil.example',
    '',
    'a b',
    '127.0.0.256',
  ])('is not %s', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
