import { z } from 'zod';
import { type Answer, badRequest, invalid } from '../answers.ts';
import { readDryRun } from './dry-run.ts';

/** How something is to be deleted. */
export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly preconditions: { readonly uid?: string | null | undefined; readonly resourceVersion?: string | null | undefined };
  /** Absent for what the object itself says. */
  readonly graceS?: number;
  /** What becomes of what the object owns; absent for the default, which leaves it to the garbage collection. */
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan';
}

const Given = z.looseObject({
  preconditions: z.looseObject({ uid: z.string().nullish(), resourceVersion: z.string().nullish() }).nullish(),
  gracePeriodSeconds: z.number().int().nullish(),
  propagationPolicy: z.string().nullish(),
  dryRun: z.array(z.string()).nullish(),
});

/** Reads the options out of the body; out of the query only where there is no body, so that `?dryRun=All` beside one says nothing. */
export function readDeleteOptions(query: URLSearchParams, body: { readonly given?: unknown }): DeleteOptions | Answer {
  const read = Given.safeParse('given' in body ? body.given : ofQuery(query));
  if (!read.success) return badRequest('the object provided is unrecognized (must be of type DeleteOptions)');
  const { preconditions, gracePeriodSeconds, propagationPolicy } = read.data;
  const propagation = readPropagation(propagationPolicy);
  if (typeof propagation === 'object') return propagation;
  const dryRun = readDryRun('Delete', read.data.dryRun ?? []);
  if (typeof dryRun === 'object') return dryRun;
  return {
    dryRun,
    preconditions: preconditions ?? {},
    // What is below nought stands for a second.
    ...(gracePeriodSeconds == null ? {} : { graceS: gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds }),
    ...(propagation === undefined ? {} : { propagation }),
  };
}

function ofQuery(query: URLSearchParams): object {
  const grace = query.get('gracePeriodSeconds');
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    propagationPolicy: query.get('propagationPolicy'),
    dryRun: query.getAll('dryRun'),
  };
}

function readPropagation(policy: string | null | undefined): DeleteOptions['propagation'] | Answer {
  if (policy == null || policy === 'Foreground' || policy === 'Background' || policy === 'Orphan') return policy ?? undefined;
  const because = `Unsupported value: "${policy}": supported values: "Foreground", "Background", "Orphan", "nil"`;
  return invalid({ called: 'DeleteOptions.meta.k8s.io', name: '', field: 'propagationPolicy', because });
}
