import { createPullErrorClassifier } from '../../src/diagnosis/pull-error.ts';
import { loadCauses, loadPullErrorRules, loadRunbook } from '../../src/runbooks.ts';

export const rules = loadPullErrorRules();
export const catalogue = loadCauses();
export const runbook = loadRunbook();
export const classify = createPullErrorClassifier(rules);
