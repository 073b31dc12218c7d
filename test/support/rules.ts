import { createPullErrorClassifier } from '../../src/diagnosis/pull-error.ts';
import { loadCauses, loadPullErrorRules } from '../../src/runbooks.ts';

export const rules = loadPullErrorRules();
export const catalogue = loadCauses();
export const classify = createPullErrorClassifier(rules);
