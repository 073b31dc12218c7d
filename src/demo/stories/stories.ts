import { decoy } from './images/decoy.ts';
import { digestGone } from './images/digest-gone.ts';
import { invalidName } from './images/invalid-name.ts';
import { neverPulled } from './images/never-pulled.ts';
import { tagPushedLate } from './images/tag-pushed-late.ts';
import { tagTypo } from './images/tag-typo.ts';
import { wrongArchitecture } from './images/wrong-architecture.ts';
import { missingPullSecret } from './logins/missing-pull-secret.ts';
import { secretNotThere } from './logins/secret-not-there.ts';
import { wrongPassword } from './logins/wrong-password.ts';
import { deadRuntime } from './outages/dead-runtime.ts';
import { fullDisk } from './outages/full-disk.ts';
import { prunedDisk } from './outages/pruned-disk.ts';
import { rateLimit } from './outages/rate-limit.ts';
import { registryGone } from './outages/registry-gone.ts';
import { registryOutage } from './outages/registry-outage.ts';
import { storm } from './outages/storm.ts';
import { brokenRollout } from './plans/broken-rollout.ts';
import { crash } from './plans/crash.ts';
import { deniedPlan } from './plans/denied-plan.ts';
import { expiredPlan } from './plans/expired-plan.ts';
import { gitopsOwned } from './plans/gitops-owned.ts';
import { overtakenPlan } from './plans/overtaken-plan.ts';
import { wrongRemedy } from './plans/wrong-remedy.ts';
import { Story, type WrittenStory } from './story.ts';

const WRITTEN: readonly WrittenStory[] = [
  tagTypo,
  missingPullSecret,
  tagPushedLate,
  brokenRollout,
  registryOutage,
  storm,
  fullDisk,
  prunedDisk,
  wrongPassword,
  secretNotThere,
  wrongArchitecture,
  digestGone,
  invalidName,
  neverPulled,
  rateLimit,
  registryGone,
  deadRuntime,
  decoy,
  gitopsOwned,
  deniedPlan,
  expiredPlan,
  overtakenPlan,
  crash,
  wrongRemedy,
];

/** All stories, in the order in which they are best met. */
export function readStories(): readonly Story[] {
  return WRITTEN.map((written) => Story.parse(written));
}
