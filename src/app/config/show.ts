import { Document } from 'yaml';
import { asCodedError } from '../../errors.ts';
import { redact } from '../../facts/redaction.ts';
import { mapStrings } from '../../text/map-strings.ts';
import { printable } from '../../text/printable.ts';
import { readTextFile } from '../text-file.ts';
import type { FileConfig } from './schema.ts';
import type { Environment } from './secret-files.ts';
import { sourceSecrets, VARIABLES } from './variables.ts';

const MARK = '[redacted]';

/**
 * A configuration with its defaults, as YAML that is a configuration again, and above it what the environment says, as comments. Nothing secret is in
 * it: of a secret it says whether it is set and in which file, of an address everything but user, password and query.
 */
export function configText(
  settings: FileConfig,
  given: { readonly name: string | undefined; readonly value: unknown; readonly environment: Environment },
): string {
  const variables = [
    ...VARIABLES.map(({ name, kind }) => ({ name, state: stateOf(name, kind, given.environment) })),
    ...sourceSecrets(settings).map((name) => ({ name, state: stateOf(name, 'secret', given.environment) })),
  ];
  const width = Math.max(...variables.map(({ name }) => name.length));
  const document = new Document(mapStrings(withWrittenMappings(settings, given.value), withoutSecrets));
  document.commentBefore = [
    'Environment, without what is secret:',
    ...variables.map(({ name, state }) => `  ${name.padEnd(width)}  ${state}`),
    '',
    given.name === undefined ? 'Settings, all of them defaults:' : `Settings of ${given.name}, with the defaults of what it leaves out:`,
  ]
    .map((line) => ` ${printable(line).replaceAll('\n', ' ')}`.trimEnd())
    .join('\n');
  return document.toString({ lineWidth: 0 });
}

/** A mapping is shown as it was written: read, its paths are no text any more. */
function withWrittenMappings(settings: FileConfig, written: unknown): unknown {
  const sources = settings.alerts.sources.map((source, at) =>
    source.mapping === undefined ? source : { ...source, mapping: valueAt(written, ['alerts', 'sources', at, 'mapping']) },
  );
  return { ...settings, alerts: { ...settings.alerts, sources } };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part) ? Reflect.get(inner, part) : undefined),
    value,
  );
}

function stateOf(name: string, kind: 'secret' | 'url' | 'plain', environment: Environment): string {
  const isProxy = name.endsWith('_PROXY');
  const value = environment[name]?.trim() || (isProxy ? environment[name.toLowerCase()]?.trim() : '') || undefined;
  const file = kind === 'plain' ? undefined : environment[`${name}_FILE`] || undefined;
  if (value !== undefined && file !== undefined) return `set, and ${name}_FILE as well; leave one of them out`;
  if (file !== undefined) return inFile(file);
  if (value === undefined) return 'not set';
  if (kind === 'secret') return 'set';
  if (kind === 'plain') return redact(value);
  // A proxy may be written without http://.
  return addressOf(isProxy && !value.includes('://') ? `http://${value}` : value);
}

function inFile(file: string): string {
  try {
    return readTextFile(file).trim() === '' ? `in ${file}, which is empty` : `in ${file}`;
  } catch (cause) {
    return asCodedError(cause).message;
  }
}

/** Where an address leads, without user, password, query and fragment. */
function addressOf(value: string): string {
  const { protocol, host, pathname, ...url } = URL.canParse(value) ? partsOf(value) : NO_PARTS;
  // What stands behind such a sign may be a password that was not written as a URL needs it.
  if (host === '' || `${pathname}${url.search}${url.hash}`.includes('@')) return 'set, and is no address that can be shown';
  const user = url.username === '' && url.password === '' ? '' : `${MARK}@`;
  const rest = url.search === '' && url.hash === '' ? '' : `?${MARK}`;
  return `${protocol}//${user}${host}${redact(pathname)}${rest}`;
}

const NO_PARTS = { protocol: '', host: '', pathname: '', username: '', password: '', search: '', hash: '' };

function partsOf(text: string): typeof NO_PARTS {
  const { protocol, host, pathname, username, password, search, hash } = new URL(text);
  return { protocol, host, pathname, username, password, search, hash };
}

function withoutSecrets(text: string): string {
  return text.includes('://') ? addressOf(text) : redact(text);
}
