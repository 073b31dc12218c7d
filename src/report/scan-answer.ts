import { z } from 'zod';
import type { CauseGroup, Scan } from '../scan/grouping.ts';
import { shortened } from '../text/wording.ts';

/** One group of failing pods, with the pod of it to diagnose. */
const Group = z.object({
  title: z.string(),
  cause: z.string(),
  confidence: z.string(),
  pods: z.number(),
  namespace: z.string(),
  pod: z.string(),
});

/** What a gateway needs of a scan: the largest groups, how much there is beyond them, and pods to choose from. Small, since the queue keeps it for a while. */
export const Scanned = z.object({
  status: z.literal('scanned'),
  groups: z.array(Group),
  /** All of them. */
  reasons: z.number(),
  failing: z.number(),
  /** Pods that are in none of the groups given. */
  hidden: z.number(),
  lookedAt: z.object({ pods: z.number(), nodes: z.number(), where: z.string(), complete: z.boolean() }),
  shortfalls: z.array(z.string()),
  pods: z.array(z.object({ namespace: z.string(), pod: z.string(), says: z.string() })),
});
export type Scanned = z.infer<typeof Scanned>;

const MAX_GROUPS = 8;
/** More pods than this are found by typing more of their name, which asks for their namespace. */
const MAX_PODS = 500;
const MAX_TITLE = 200;
const MAX_SHORTFALLS = 3;
const MAX_SHORTFALL = 400;

/** The answer to a scan. */
export function scanned({ groups, lookedAt, shortfalls }: Scan): Scanned {
  const pods = groups.flatMap(({ title, containers }) =>
    containers.map(({ namespace, pod }) => [`${namespace}/${pod}`, { namespace, pod, says: shortened(title, MAX_TITLE) }] as const),
  );
  const shown = groups.slice(0, MAX_GROUPS);
  const inGroups = new Set(shown.flatMap(podsOf));
  const all = new Set(groups.flatMap(podsOf));
  return {
    status: 'scanned',
    groups: shown.map(groupOf),
    reasons: groups.length,
    failing: all.size,
    hidden: all.size - inGroups.size,
    lookedAt,
    shortfalls: shortfalls.slice(0, MAX_SHORTFALLS).map((says) => shortened(says, MAX_SHORTFALL)),
    pods: [...new Map(pods).values()].slice(0, MAX_PODS),
  };
}

function groupOf(group: CauseGroup): z.infer<typeof Group> {
  const { title, cause, confidence, containers } = group;
  const [first] = containers;
  return {
    title: shortened(title, MAX_TITLE),
    cause,
    confidence,
    pods: new Set(podsOf(group)).size,
    namespace: first?.namespace ?? '',
    pod: first?.pod ?? '',
  };
}

function podsOf({ containers }: CauseGroup): readonly string[] {
  return containers.map(({ namespace, pod }) => `${namespace}/${pod}`);
}
