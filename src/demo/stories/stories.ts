import { brokenRollout } from './broken-rollout.ts';
import { crash } from './crash.ts';
import { deniedPlan } from './denied-plan.ts';
import { expiredPlan } from './expired-plan.ts';
import { gitopsOwned } from './gitops-owned.ts';
import { missingPullSecret } from './missing-pull-secret.ts';
import { overtakenPlan } from './overtaken-plan.ts';
import { registryOutage } from './registry-outage.ts';
import { storm } from './storm.ts';
import { Story, type WrittenStory } from './story.ts';
import { tagPushedLate } from './tag-pushed-late.ts';
import { tagTypo } from './tag-typo.ts';
import { wrongRemedy } from './wrong-remedy.ts';

const WRITTEN: readonly WrittenStory[] = [
  tagTypo,
  missingPullSecret,
  tagPushedLate,
  brokenRollout,
  registryOutage,
  gitopsOwned,
  deniedPlan,
  expiredPlan,
  overtakenPlan,
  crash,
  wrongRemedy,
  storm,
];

/** All stories, in the order in which they are best met. */
export function readStories(): readonly Story[] {
  return WRITTEN.map((written) => Story.parse(written));
}
