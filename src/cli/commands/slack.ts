import { configFile } from '../../app/config/file.ts';
import { manifestFor } from '../../app/manifest.ts';
import { print } from '../output.ts';

/** What `imagepull slack` can do. */
export type SlackTask = 'manifest';

/** Options of `imagepull slack`. */
export interface SlackOptions {
  readonly config?: string;
  readonly url?: string;
  readonly output: 'yaml' | 'json';
}

/** `imagepull slack manifest`: prints the manifest of the Slack app. Throws `config/…`. */
export async function slackCommand(_: SlackTask, { config, url, output }: SlackOptions): Promise<void> {
  await print(manifestFor({ file: configFile(config), environment: process.env, address: url, format: output }));
}
