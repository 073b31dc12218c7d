import { AsyncLocalStorage } from 'node:async_hooks';
import pino, { type DestinationStream } from 'pino';
import { redact } from '../facts/redaction.ts';
import type { Log, LogFields } from './log.ts';

/** Writes JSON lines, redacted once more: what comes from the outside into a field may hold a secret. */
export function createLogger(destination: DestinationStream): Log {
  const logger = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    destination,
  );
  const subject = new AsyncLocalStorage<LogFields>();
  const clean = (fields: LogFields) =>
    Object.fromEntries(
      Object.entries({ ...subject.getStore(), ...fields }).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
    );
  return {
    info: (message, fields = {}) => logger.info(clean(fields), redact(message)),
    warn: (message, fields = {}) => logger.warn(clean(fields), redact(message)),
    error: (message, fields = {}) => logger.error(clean(fields), redact(message)),
    about: (fields, work) => subject.run({ ...subject.getStore(), ...fields }, work),
  };
}
