import { openCluster, scan } from '../../app/app.ts';
import { scanText } from '../../report/formats/scan-report.ts';
import { accessOf, type ClusterOptions } from '../options.ts';
import { paintFor, print, widthOf } from '../output.ts';
import { PROGRAM } from '../program-name.ts';
import { checkNamespace } from '../target-name.ts';

/** Options of `imagepull scan`; without a namespace it looks at all. */
export interface ScanOptions extends ClusterOptions {
  readonly namespace?: string;
  readonly output: 'text' | 'json';
}

/** `imagepull scan [-A | -n NS]`: everything that cannot pull, grouped by likely root cause. */
export async function scanCommand(options: ScanOptions): Promise<void> {
  if (options.namespace !== undefined) checkNamespace(options.namespace);
  const { cluster } = await openCluster(accessOf(options));
  const report = await scan({ cluster, now: new Date(), ...(options.namespace === undefined ? {} : { namespace: options.namespace }) });
  await print(
    options.output === 'json'
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : scanText(report, paintFor(process.stdout), widthOf(process.stdout), PROGRAM),
  );
}
