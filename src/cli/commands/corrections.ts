import { configFile } from '../../app/config/file.ts';
import { correctionRecording, listCorrections } from '../../app/corrections.ts';
import { CodedError } from '../../errors.ts';
import { type Correction, causeWords } from '../../incident/correction.ts';
import { prepareRecordingFolder, writeRecordingFiles } from '../../recording/recording-folder.ts';
import { printable } from '../../text/printable.ts';
import { print } from '../output.ts';
import { PROGRAM } from '../program-name.ts';

/** What `imagepull corrections` can do. */
export type CorrectionsTask = 'list' | 'export';

/** Options of `imagepull corrections`. */
export interface CorrectionsCommandOptions {
  readonly config?: string;
}

/** `imagepull corrections list` and `imagepull corrections export ID FOLDER`. Needs REDIS_URL. Throws `config/…`, `store/…`, `recording/…`. */
export async function correctionsCommand(
  task: CorrectionsTask,
  { id, folder }: { readonly id: string | undefined; readonly folder: string | undefined },
  { config }: CorrectionsCommandOptions,
): Promise<void> {
  const options = { file: configFile(config), environment: process.env };
  if (task === 'list') {
    const all = await listCorrections(options);
    return print(all.length === 0 ? 'Nobody said that a verdict is wrong.\n' : `${all.map(lineOf).join('\n')}\n`);
  }
  if (id === undefined || folder === undefined)
    throw new CodedError('usage/corrections', `Say which, and where to: ${PROGRAM} corrections export ID FOLDER`);
  await prepareRecordingFolder(folder);
  const files = await correctionRecording(id, options);
  await writeRecordingFiles(folder, files);
  await print(`Wrote ${Object.keys(files).join(', ')} to ${folder}. Run it with: ${PROGRAM} replay ${folder}\n`);
}

function lineOf({ id, at, cluster, namespace, pod, cause, confidence, said, words, recording }: Correction): string {
  const kept =
    recording.status === 'kept' ? 'recorded' : recording.status === 'wanted' ? 'being recorded' : `not recorded: ${recording.because}`;
  return printable(
    `${id}  ${at.slice(0, 16)}  ${namespace}/${pod} in ${cluster}  ${cause} ${confidence}, somebody says: ${causeWords(said)}${words === undefined ? '' : ` (${words.replaceAll('\n', ' ')})`}  ${kept}`,
  );
}
