import { afterAll } from 'vitest';
import { describeAccess } from './api-access.ts';
import { describeAdmission } from './api-admission.ts';
import { describeDeletions } from './api-deletions.ts';
import { describeDryRuns } from './api-dry-runs.ts';
import { describeImpersonation } from './api-impersonation.ts';
import { describeLists } from './api-lists.ts';
import { removeNamespaces } from './api-objects.ts';
import { describePatches } from './api-patches.ts';
import { describeReviews } from './api-reviews.ts';
import { describeSelectors } from './api-selectors.ts';
import { describeStrategicPatches } from './api-strategic-patches.ts';
import type { ApiTarget } from './api-target.ts';
import { describeWatches } from './api-watches.ts';
import { describeObjects } from './api-writes.ts';

/**
 * What the stand-in and a real API server have in common, in namespaces of its own. Where they differ, the real one is right. It has to have
 * compacted its first version: one that is older than ten minutes has.
 */
export function describeApiServer(target: () => ApiTarget): void {
  afterAll(removeNamespaces);
  describeObjects(target);
  describePatches(target);
  describeStrategicPatches(target);
  describeDeletions(target);
  describeDryRuns(target);
  describeAdmission(target);
  describeAccess(target);
  describeReviews(target);
  describeImpersonation(target);
  describeLists(target);
  describeSelectors(target);
  describeWatches(target);
}
