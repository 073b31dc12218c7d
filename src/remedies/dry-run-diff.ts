import type { Json } from '../approval/canonical-json.ts';
import type { KubeObject } from '../cluster/writing/object-writer.ts';
import { redact } from '../facts/redaction.ts';
import { printable } from '../text/printable.ts';
import { shortened } from '../text/wording.ts';

/** The annotation by which an object tells which plan changed it last. */
export const PLAN_MARK = 'imagepull.dev/plan';

/** What the API server keeps by itself, and what says nothing of the change. */
const LEFT_OUT = new Set([
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.managedFields',
  `metadata.annotations.${PLAN_MARK}`,
]);
/** Names of fields whose values may be shown; of all others only that they change, since they may hold what is secret. */
const SHOWN = new Set(['image', 'imagePullPolicy', 'unschedulable', 'replicas', 'serviceAccountName', 'kubectl.kubernetes.io/restartedAt']);
const MAX_VALUE = 300;
const MAX_LINES = 200;

/**
 * What changes of an object, as lines with `-` and `+` below the field's name; of what may hold secrets only that it changes. Lists are
 * compared by the names of their members. The order is that of the fields' names, so equal changes have equal texts.
 */
export function changeLines(before: KubeObject, after: KubeObject): readonly string[] {
  const [from, to] = [leavesOf(before), leavesOf(after)];
  const paths = [...new Set([...from.keys(), ...to.keys()])].filter((path) => from.get(path) !== to.get(path)).sort();
  const lines = paths.flatMap((path) => {
    const [old, now] = [from.get(path), to.get(path)];
    if (!isShown(path)) return [`${path}: ${old === undefined ? 'is added' : now === undefined ? 'is removed' : 'changes'} (not shown)`];
    return [`${path}:`, ...(old === undefined ? [] : [`- ${shownValue(old)}`]), ...(now === undefined ? [] : [`+ ${shownValue(now)}`])];
  });
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `… ${more} more lines`] : lines;
}

function isShown(path: string): boolean {
  return [...SHOWN].some((name) => path === name || path.endsWith(`.${name}`)) || /(?:^|\.)imagePullSecrets\[[^\]]*\]\.name$/.test(path);
}

function shownValue(text: string): string {
  return shortened(printable(redact(text)), MAX_VALUE);
}

/** Every value that is no object or list, by its path: `spec.template.spec.containers[app].image`. */
function leavesOf(object: KubeObject): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (LEFT_OUT.has(path) || value === undefined || value === null) return;
    if (typeof value !== 'object') leaves.set(path, typeof value === 'string' ? value : JSON.stringify(value));
    else for (const [below, member] of membersOf(value, path)) walk(member, below);
  };
  walk(object, '');
  return leaves;
}

function membersOf(value: object, path: string): readonly (readonly [path: string, member: unknown])[] {
  if (Array.isArray(value)) return value.map((member: unknown, at) => [`${path}[${nameOf(member) ?? at}]`, member]);
  return Object.entries(value).map(([key, member]) => [path === '' ? key : `${path}.${key}`, member]);
}

function nameOf(member: unknown): string | undefined {
  return typeof member === 'object' && member !== null && 'name' in member && typeof member.name === 'string' ? member.name : undefined;
}

/** A patch as it is sent: tied to the version of the object that was read, and marked with its plan. */
export function tiedPatch(patch: Json, { planId, resourceVersion }: { readonly planId: string; readonly resourceVersion: string }): Json {
  const own = typeof patch === 'object' && patch !== null && !Array.isArray(patch) ? (patch as { readonly [key: string]: Json }) : {};
  return { ...own, metadata: { resourceVersion, annotations: { [PLAN_MARK]: planId } } };
}
