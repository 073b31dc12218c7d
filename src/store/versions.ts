import { z } from 'zod';
import type { VersionStep } from './record-kind.ts';

// How records of one version become those of the next. A loose look at them: the schema of the present version checks the rest.

const WithTrigger = z.looseObject({ trigger: z.looseObject({ kind: z.string() }).optional() });
const ResolvedIncident = z.looseObject({ life: z.looseObject({ status: z.string(), by: z.string().optional() }) });
const NewResolved = z.looseObject({
  life: z.looseObject({ status: z.string(), by: z.looseObject({ kind: z.string(), id: z.string().optional() }).optional() }),
});

/** Version 1 knows neither alerts nor the watch: to it the command line asked. */
function withKnownTrigger(record: unknown): z.infer<typeof WithTrigger> {
  const read = WithTrigger.parse(record);
  return read.trigger?.kind === 'alert' || read.trigger?.kind === 'watch' ? { ...read, trigger: { kind: 'cli' } } : read;
}

/** Runs. Version 2: they may begin by an alert or the watch. */
export const RUN_STEPS: readonly VersionStep[] = [{ upgrade: (record) => record, downgrade: withKnownTrigger }];

/** Requests. Version 2: triggers as of runs, and no place where nobody has to be told. */
export const REQUEST_STEPS: readonly VersionStep[] = [
  {
    upgrade: (record) => record,
    downgrade: (record) => ({ place: { channel: '' }, ...withKnownTrigger(record) }),
  },
];

/** Incidents, from version 1 on. Version 2: further keys, what opened them, since when their pods fail, and more kinds of end. */
export const INCIDENT_STEPS: readonly VersionStep[] = [
  {
    upgrade(record) {
      const read = ResolvedIncident.parse(record);
      const { by } = read.life;
      return { ...read, aliases: [], life: by === undefined ? read.life : { ...read.life, by: { kind: 'run', id: by } } };
    },
    downgrade(record) {
      const { aliases: _a, trigger: _t, since: _s, overflow: _o, apart: _p, splits: _q, ...read } = NewResolved.parse(record);
      const { resolvedAt: _r, by, ...life } = read.life;
      return { ...read, life: by === undefined ? life : { ...life, by: by.id ?? by.kind } };
    },
  },
  // Version 3: quiet hours, whom to mention, who takes care, and what somebody says it was.
  {
    upgrade: (record) => record,
    downgrade(record) {
      const { heldUntil: _h, mention: _m, care: _c, disputed: _d, ...read } = z.looseObject({}).parse(record);
      return read;
    },
  },
];

const OfWorkload = z.looseObject({ workload: z.string() });
const WithSubject = z.looseObject({ about: z.looseObject({ workload: z.string().optional() }) });

/** Silences. Version 2: of a cause, too; version 1 takes that for one of no workload. */
export const SILENCE_STEPS: readonly VersionStep[] = [
  {
    upgrade(record) {
      const { workload, ...read } = OfWorkload.parse(record);
      return { ...read, about: { kind: 'workload', workload } };
    },
    downgrade(record) {
      const { about, ...read } = WithSubject.parse(record);
      return { ...read, workload: about.workload ?? '' };
    },
  },
];

/** Alerts that arrived. Version 2: also as messages in a chat. */
export const DELIVERY_STEPS: readonly VersionStep[] = [
  {
    upgrade: (record) => record,
    downgrade(record) {
      const { place: _, ...read } = z.looseObject({}).parse(record);
      return read;
    },
  },
];

/** Entries of the audit. Version 2: a cut. Nothing of an entry may be changed, so none is written as long as a program lives that knows no cut. */
export const AUDIT_ENTRY_STEPS: readonly VersionStep[] = [{ upgrade: (record) => record, downgrade: (record) => record }];
