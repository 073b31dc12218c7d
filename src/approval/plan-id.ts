import { z } from 'zod';
import type { Hash } from '../signing/signing.ts';

/** The id of a plan. */
export const PlanId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, 'is not the id of a plan');

/** What the ids of a cluster's plans begin with, so that an executor needs no way to the plans of other clusters. */
export function planIdStart(cluster: string, hash: Hash): string {
  return `p${hash(`imagepull plans of ${cluster}`).slice(0, 12)}-`;
}
