import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.ts';

/** A logger, and the lines that it wrote. */
function captured() {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({ write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

describe('a line of the log', () => {
  it('carries what the work is about, whoever writes it and however deep, and nothing of other work at the same time', async () => {
    const { log, lines } = captured();
    const work = (run: string) =>
      log.about({ run }, async () => {
        await turn();
        await log.about({ incident: `of ${run}` }, async () => {
          await turn();
          log.info('deep');
        });
        log.warn('shallow');
      });
    await Promise.all([work('a'), work('b')]);
    log.info('outside');
    const seen = lines.map(({ msg, run, incident }) => [msg, run, incident]);
    for (const run of ['a', 'b']) {
      expect(seen).toContainEqual(['deep', run, `of ${run}`]);
      expect(seen).toContainEqual(['shallow', run, undefined]);
    }
    expect(seen).toContainEqual(['outside', undefined, undefined]);
  });

  it('says what it says itself where both name the same', () => {
    const { log, lines } = captured();
    log.about({ run: 'outer' }, () => log.info('x', { run: 'own' }));
    expect(lines[0]).toMatchObject({ run: 'own' });
  });

  it('holds no password, neither in what it says nor in what the work is about', () => {
    const { log, lines } = captured();
    log.about({ channel: 'https://robot:canary@registry.example/' }, () => log.error('https://robot:canary@registry.example/ failed'));
    expect(JSON.stringify(lines)).not.toContain('canary');
    expect(JSON.stringify(lines)).toContain('registry.example');
  });
});
