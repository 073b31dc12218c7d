import type { WrittenStory } from '../story.ts';

export const wrongPassword: WrittenStory = {
  id: 'wrong-password',
  title: 'A password was changed, and the pull secret was not: a new one goes in.',
  cause: 'credentials-rejected',
  registry: { images: ['team/app:2.0', 'team/app:2.1'], private: [{ repository: 'team/app', secret: 'team-login', is: 'old' }] },
  workloads: [{ name: 'app', replicas: 2, image: 'team/app:2.1', pullSecret: 'team-login' }],
  before: [
    {
      step: 'pass',
      minutes: 4,
      told: 'The password of the robot account was changed. shop/app is started anew with the old one in its pull secret.',
    },
  ],
  speed: 8,
  steps: [
    { step: 'ask', who: 'ann', workload: 'app' },
    {
      step: 'secret',
      secret: 'team-login',
      told: 'Ann writes the new password into the secret. The bot knows none and changes no secret.',
    },
    { step: 'pass', minutes: 5, told: 'The kubelet reads the secret at each try. Within five minutes it has tried again.' },
    { step: 'see', card: 'Resolved by itself' },
  ],
  end: {
    card: ['Resolved by itself'],
    without: ['Set image …', 'Roll back', 'Review …'],
    workloads: [{ name: 'app', running: 2, waiting: 0, image: 'team/app:2.1' }],
  },
  doubt:
    'A 401 is answered to a wrong login, to a missing one, and for a repository that is not there. The bot picks the login by the rules of the kubelet and sends it itself: the registry rejects it. It never shows it.',
};
