import { brokenRollout } from './broken-rollout.ts';
import { crash } from './crash.ts';
import { deadRuntime } from './dead-runtime.ts';
import { decoy } from './decoy.ts';
import { deniedPlan } from './denied-plan.ts';
import { digestGone } from './digest-gone.ts';
import { expiredPlan } from './expired-plan.ts';
import { fullDisk } from './full-disk.ts';
import { gitopsOwned } from './gitops-owned.ts';
import { invalidName } from './invalid-name.ts';
import { missingPullSecret } from './missing-pull-secret.ts';
import { neverPulled } from './never-pulled.ts';
import { overtakenPlan } from './overtaken-plan.ts';
import { rateLimit } from './rate-limit.ts';
import { registryGone } from './registry-gone.ts';
import { registryOutage } from './registry-outage.ts';
import { secretNotThere } from './secret-not-there.ts';
import { storm } from './storm.ts';
import { Story, type WrittenStory } from './story.ts';
import { tagPushedLate } from './tag-pushed-late.ts';
import { tagTypo } from './tag-typo.ts';
import { wrongArchitecture } from './wrong-architecture.ts';
import { wrongPassword } from './wrong-password.ts';
import { wrongRemedy } from './wrong-remedy.ts';

const WRITTEN: readonly WrittenStory[] = [
  tagTypo,
  missingPullSecret,
  tagPushedLate,
  brokenRollout,
  registryOutage,
  storm,
  fullDisk,
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
