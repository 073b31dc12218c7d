import { describe, expect, it } from 'vitest';
import { runCli } from '../support/run-cli.ts';

describe('diagnose --node-probe', () => {
  it.each([
    [['--node-probe'], /--node-image/],
    [['--node-probe', '--node-image', 'registry.example/imagepull:1'], /nobody to ask\. Pass --yes/],
  ])('%j says what is missing before it asks anything', async (options, says) => {
    const { code, stdout, stderr } = await runCli(['diagnose', 'shop/web-0', ...options]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });
});
