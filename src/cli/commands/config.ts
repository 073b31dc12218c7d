import { existsSync } from 'node:fs';
import { checkNamed } from '../../app/config/check.ts';
import { configFile, readYaml } from '../../app/config/file.ts';
import { configText } from '../../app/config/show.ts';
import { readSettings } from '../../app/config.ts';
import { CodedError } from '../../errors.ts';
import { hanging, readableWidth } from '../../report/layout.ts';
import { printable } from '../../text/printable.ts';
import { list } from '../../text/wording.ts';
import { paintFor, print, widthOf } from '../output.ts';

/** What `imagepull config` can do. */
export type ConfigTask = 'show' | 'check';

/** `imagepull config show [FILE]` and `imagepull config check FILE`. Throws `config/…`, and `runbook/invalid` for a policy that the file names. */
export async function configCommand(task: ConfigTask, name: string | undefined): Promise<void> {
  if (task === 'show') return show(name);
  if (name === undefined) throw new CodedError('config/option', 'Say which file: imagepull config check FILE.');
  const { variables, absent } = checkNamed(readSettings(configFile(name)), existsSync);
  const paint = paintFor(process.stdout);
  const width = readableWidth(widthOf(process.stdout));
  const lines = [
    paint.good(`✓ ${name} is a configuration of imagepull.`),
    ...hanging('  ', `A gateway with it needs ${list(variables, 20)} in the environment, each also as NAME_FILE.`, width),
    ...absent.flatMap(({ setting, file }) => hanging('‼ ', `${setting}: ${file} is not here, so it was not checked.`, width)),
  ];
  await print(`${printable(lines).join('\n')}\n`);
}

async function show(name: string | undefined): Promise<void> {
  const file = configFile(name);
  const value = file === undefined ? {} : readYaml(file).value;
  await print(configText(readSettings(file), { name, value, environment: process.env }));
}
