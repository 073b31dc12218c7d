import { loadCauses, loadPullErrorRules } from '../../src/app/runbooks.ts';
import { createPullErrorClassifier } from '../../src/diagnosis/message/pull-error.ts';

export const rules = loadPullErrorRules();
export const catalogue = loadCauses();
export const classify = createPullErrorClassifier(rules);
