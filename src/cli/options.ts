import { InvalidArgumentError } from 'commander';
import type { KubernetesAccess } from '../app/app.ts';
import type { KubeletAccess } from '../cluster/cluster.ts';
import { CodedError } from '../errors.ts';

/** The shells that a completion script can be had for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The options by which every command finds its cluster, named as kubectl names them. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  /** Milliseconds. */
  readonly requestTimeout?: number;
}

/** The options that say how far a diagnosis may look around. */
export interface LookOptions extends ClusterOptions {
  readonly namespace?: string;
  readonly registry: boolean;
  readonly secrets: boolean;
  readonly only?: string;
  readonly kubelet: KubeletAccess;
  readonly prometheus?: string;
  readonly kubeletAnyCertificate?: boolean;
  readonly allowLoopback?: boolean;
  readonly allowPrivate?: readonly string[];
  /** `REGISTRY=HOST` each. */
  readonly tokenServer?: readonly string[];
}

/** How to reach the cluster, by these options. Throws `usage/as-group`. */
export function accessOf({ kubeconfig, context, as, asGroup = [], requestTimeout }: ClusterOptions): KubernetesAccess {
  if (as === undefined && asGroup.length > 0) throw new CodedError('usage/as-group', '--as-group needs --as, the user to act as.');
  return {
    kubeconfig,
    context,
    impersonate: as === undefined ? undefined : { user: as, groups: asGroup },
    requestTimeoutMs: requestTimeout,
  };
}

/** Throws `usage/kubelet-option` for an option of one way to ask a kubelet that is given with another. */
export function checkKubeletOptions({ kubelet, prometheus, kubeletAnyCertificate }: LookOptions): void {
  const needs = (option: string, access: KubeletAccess) =>
    new CodedError('usage/kubelet-option', `${option} is for --kubelet ${access}; the kubelet is asked by --kubelet ${kubelet} here.`);
  if (prometheus !== undefined && kubelet !== 'prometheus') throw needs('--prometheus', 'prometheus');
  if (kubeletAnyCertificate && kubelet !== 'direct') throw needs('--kubelet-any-certificate', 'direct');
}

/** Adds the value of an option that may be given several times. */
export function another(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

const LONGEST_TIMEOUT_MS = 600_000;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads `45m`, `12h` or `7d`, as milliseconds. */
export function parseSpan(text: string): number {
  const [, digits, unit] = /^([1-9][0-9]{0,4})([mhd])$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('Write a time such as 12h or 7d.');
  return Number(digits) * (unit === 'd' ? 24 * 3_600_000 : unit === 'h' ? 3_600_000 : 60_000);
}

/** Reads `2026-01-31` as the beginning of that day, UTC. */
export function parseDay(text: string): Date {
  const day = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) ? new Date(`${text}T00:00:00.000Z`) : undefined;
  // The 31st of February is taken for the 3rd of March.
  if (day === undefined || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(text))
    throw new InvalidArgumentError('Write a day such as 2026-01-31.');
  return day;
}

/** Reads `30`, `30s`, `1m30s` as kubectl does, as milliseconds. 0, which means no limit there, means ten minutes here. */
export function parseTimeout(text: string): number {
  const parts = [...text.matchAll(/([0-9]{1,9})(ms|s|m|h)/g)];
  const whole = /^[0-9]{1,9}$/.test(text);
  if (!whole && (parts.length === 0 || parts.map(([part]) => part).join('') !== text))
    throw new InvalidArgumentError('Write a time such as 30s or 1m.');
  const milliseconds = whole ? Number(text) * 1_000 : parts.reduce((sum, [, n, unit = 's']) => sum + Number(n) * (UNITS[unit] ?? 0), 0);
  return milliseconds === 0 ? LONGEST_TIMEOUT_MS : Math.min(milliseconds, LONGEST_TIMEOUT_MS);
}
