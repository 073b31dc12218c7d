import { readFileSync } from 'node:fs';
import type { PullErrorRules as Rules } from '../diagnosis/message/pull-error.ts';
import type { CauseCatalogue as Catalogue } from '../remediation/cause-catalogue.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { CauseCatalogue, PullErrorRules, readRunbook, readRunbookFile } from '../runbook/runbook-files.ts';
import { PROBES } from '../steps/index.ts';

// In the distribution this file is replaced by one that holds the same values as data (rolldown.config.ts), so that no
// command has to read and check YAML.

const folder = new URL('../../runbooks/', import.meta.url);

/** The rules of runbooks/pull-errors.yaml. Throws `runbook/invalid`. */
export function loadPullErrorRules(): Rules {
  return readRunbookFile('runbooks/pull-errors.yaml', text('pull-errors.yaml'), PullErrorRules);
}

/** The causes of runbooks/causes.yaml. Throws `runbook/invalid`. */
export function loadCauses(): Catalogue {
  return readRunbookFile('runbooks/causes.yaml', text('causes.yaml'), CauseCatalogue);
}

/** The steps of runbooks/image-pull.yaml. Throws `runbook/invalid`. */
export function loadRunbook(): Runbook {
  return readRunbook('runbooks/image-pull.yaml', text('image-pull.yaml'), new Set(Object.keys(PROBES)));
}

function text(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8');
}
