import type { WrittenStory } from '../story.ts';

/** How several stories begin. */
type Beginning = Pick<WrittenStory, 'registry' | 'workloads' | 'before'>;

/** A rollout of four pods hangs, as its tag was never pushed. */
export const HUNG_CART: Beginning = {
  registry: { images: ['shop/cart:3.4.0'] },
  workloads: [{ name: 'cart', replicas: 4, image: 'shop/cart:3.4.0' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Four pods of shop/cart run 3.4.0.' },
    { step: 'set-image', workload: 'cart', image: 'shop/cart:3.5.0', told: 'Somebody deploys shop/cart:3.5.0, which was never pushed.' },
    { step: 'pass', minutes: 6, told: 'Six minutes later the rollout hangs.' },
  ],
};

/** A rollout of two pods hangs, as its tag was never pushed, and others were. */
export const HUNG_WEB: Beginning = {
  registry: { images: ['shop/web:1.27.3', 'shop/web:1.27.5'] },
  workloads: [{ name: 'web', replicas: 2, image: 'shop/web:1.27.3' }],
  before: [
    { step: 'pass', minutes: 30, told: 'Two pods of shop/web run 1.27.3.' },
    { step: 'set-image', workload: 'web', image: 'shop/web:1.27.4', told: 'Somebody deploys shop/web:1.27.4, which nobody pushed.' },
    { step: 'pass', minutes: 6, told: 'Six minutes later the new pod still cannot pull.' },
  ],
};
