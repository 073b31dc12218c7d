import { CodedError } from '../errors.ts';
import { manifestYaml, slackManifest } from '../slack/manifest.ts';
import type { ConfigFile } from './config/file.ts';
import type { Environment } from './config/secret-files.ts';
import { readSettings, redisUrlOf, slackUse } from './config.ts';

/**
 * The Slack app's manifest with exactly the rights that a configuration needs. With `slack.mode: http` the address is needed at which Slack
 * reaches the service. Throws `config/…`.
 */
export function manifestFor(given: {
  readonly file: ConfigFile | undefined;
  readonly environment: Environment;
  /** `https://imagepull.example`, perhaps with a path. */
  readonly address: string | undefined;
  readonly format: 'yaml' | 'json';
}): string {
  const { slack, access, remedies } = readSettings(given.file);
  const use = slackUse({ access, slack, remedies, redisUrl: redisUrlOf(given.environment) });
  const address = slack.mode === 'http' ? eventsAddress(given.address) : undefined;
  if (slack.mode === 'socket' && given.address !== undefined)
    throw new CodedError('config/option', '--url is only for slack.mode: http. In Socket Mode Slack needs no address.');
  return given.format === 'yaml' ? manifestYaml(use, address) : `${JSON.stringify(slackManifest(use, address), undefined, 2)}\n`;
}

function eventsAddress(text: string | undefined): string {
  if (text === undefined)
    throw new CodedError(
      'config/option',
      'slack.mode is http: say with --url at which address Slack reaches the service, such as https://imagepull.example.',
    );
  if (!URL.canParse(text) || new URL(text).protocol !== 'https:')
    throw new CodedError('config/option', `--url ${text} is not an address that begins with https://. Slack asks no other.`);
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname.replace(/\/+$/, '')}/slack/events`;
}
