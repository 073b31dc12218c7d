import type { WrittenStory } from '../story.ts';

const SERVICES = Array.from({ length: 25 }, (_, at) => `service-${at + 1}`);

export const storm: WrittenStory = {
  id: 'storm',
  title: '500 pods of 25 workloads lose their registry: one thread, and its end.',
  cause: 'registry-unavailable',
  registry: { images: SERVICES.map((name) => `shop/${name}:1.0.0`) },
  nodes: 20,
  watch: true,
  workloads: SERVICES.map((name) => ({ name, replicas: 20, image: `shop/${name}:1.0.0` })),
  before: [
    { step: 'registry', answers: 503, told: 'The registry answers 503 while a cluster of 20 nodes is filled anew.' },
    { step: 'pass', minutes: 5, told: 'Five minutes later none of 500 pods of 25 Deployments has its image.' },
  ],
  steps: [
    { step: 'arrives' },
    { step: 'see', card: '500' },
    { step: 'registry', answers: 'well', told: 'The registry is well again. Nobody does anything.' },
    { step: 'pass', minutes: 6, told: 'Within six minutes every kubelet has tried again.' },
    { step: 'see', card: 'Resolved by itself' },
  ],
  end: {
    card: ['Resolved by itself: none of 500 pods fails any more'],
    without: ['Set image …', 'Roll back', 'Review …'],
    workloads: SERVICES.map((name) => ({ name, running: 20, waiting: 0, image: `shop/${name}:1.0.0` })),
  },
  doubt:
    '500 pods with 25 images look like 25 troubles. They are put together by what their errors point to, the registry. One is diagnosed, and one of another node if it goes on: a surely other cause there would get a thread of its own.',
};
