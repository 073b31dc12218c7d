import { z } from 'zod';

/** An image without its registry: every story has one of its own. */
const Image = z.string().regex(/^[a-z0-9-]+(?:\/[a-z0-9-]+)*:[A-Za-z0-9_.-]+$/, 'is not an image like shop/web:1.27.3');
const Name = z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'is not a name like web');
const Text = z.string().min(1).max(500);

/** Who is in the workspace. Ann asks, Bob and Eve may approve, Mallory may not. */
export const PEOPLE = { ann: 'U0ANN', bob: 'U0BOB', eve: 'U0EVE', mallory: 'U0MALLORY' } as const;
const Who = z.enum(['ann', 'bob', 'eve', 'mallory']);

/** What happens in the cluster or at the registry, each with a sentence for those who look on. */
const Happening = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('push'), image: Image, told: Text }),
  z.strictObject({ step: z.literal('set-image'), workload: Name, image: Image, told: Text }),
  /** `well` ends the trouble. */
  z.strictObject({
    step: z.literal('registry'),
    answers: z.union([z.literal(429), z.literal(500), z.literal(503), z.literal('well')]),
    told: Text,
  }),
  z.strictObject({ step: z.literal('pass'), minutes: z.number().positive().max(600), told: Text }),
]);
export type Happening = z.infer<typeof Happening>;

/** What people do in Slack, and what they wait for. */
const Doing = z.discriminatedUnion('step', [
  /** Asks about a pod of the workload that fails, and waits for the verdict. */
  z.strictObject({ step: z.literal('ask'), who: Who, workload: Name }),
  z.strictObject({ step: z.literal('propose'), who: Who, button: Text }),
  /** Proposes with something that the window offers. */
  z.strictObject({ step: z.literal('choose'), who: Who, button: Text, value: Text }),
  z.strictObject({ step: z.literal('approve'), who: Who, reason: Text }),
  z.strictObject({ step: z.literal('deny'), who: Who, reason: Text }),
  /** Waits until the card has this text. */
  z.strictObject({ step: z.literal('see'), card: Text }),
]);
export type Doing = z.infer<typeof Doing>;

const Workload = z.strictObject({
  name: Name,
  replicas: z.int().min(1).max(20).default(1),
  image: Image,
  /** The name of a pull secret of the story. */
  pullSecret: Name.optional(),
  appliedBy: z.literal('Argo CD').optional(),
});

/** What has to be so at the end. */
const End = z.strictObject({
  /** Texts that the card has. */
  card: z.array(Text).min(1),
  /** Texts that its thread has. */
  thread: z.array(Text).default([]),
  /** Labels of buttons that it does not have. */
  without: z.array(Text).default([]),
  /** For each workload how many of its pods run, how many do not, and the image that it asks for; a digest behind the tag is fine. */
  workloads: z.array(z.strictObject({ name: Name, running: z.int().min(0), waiting: z.int().min(0), image: Image })).min(1),
});

/** A story: what there is, what has happened before anybody asks, who does what then, and what has to be seen at the end. */
export const Story = z.strictObject({
  id: Name,
  /** One line of a list. */
  title: Text.max(76),
  registry: z.strictObject({
    images: z.array(Image).min(1),
    /** Repositories that only whoever has the login of a pull secret may pull from. */
    private: z.array(z.strictObject({ repository: z.string(), secret: Name })).default([]),
    /** What a mirror has, where nodes ask one in place of the registry. */
    mirror: z.array(Image).optional(),
  }),
  workloads: z.array(Workload).min(1),
  before: z.array(Happening),
  /** How many times faster than the world the cluster's time goes once people are there. */
  speed: z.number().min(0.1).max(100).default(1),
  steps: z.array(z.union([Doing, Happening])).min(1),
  end: End,
  /** Where the bot would have been wrong: what the story asks whoever has seen its end. */
  doubt: Text.optional(),
});
export type Story = z.infer<typeof Story>;
/** A story as it is written down. */
export type WrittenStory = z.input<typeof Story>;
