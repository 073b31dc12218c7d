import { z } from 'zod';

/** A value that JSON can stand for. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const DEEPEST = 32;

/** Any JSON value, at most 32 levels deep, so that no walk over one runs out of stack. */
export const JsonValue = z.custom<Json>(hasCanonicalJson, 'is not JSON, or nested too deeply');

/** Whether `canonicalJson` takes a value; schemas of what is hashed ask it, so that no text from outside makes it throw. */
export function hasCanonicalJson(value: unknown): boolean {
  return isJson(value, DEEPEST);
}

/**
 * The one text of a value by RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units, no white space, numbers and
 * strings as ECMAScript writes them. Members that are undefined are left out, as JSON does. Throws TypeError for what JSON cannot say:
 * NaN, infinities, half of a surrogate pair, functions, dates.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonical JSON has no such number');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('canonical JSON has no half surrogate pairs');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isPlain(value)) throw new TypeError(`canonical JSON has no ${typeof value} of this kind`);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${canonicalJson(key)}:${canonicalJson(member)}`)
    .join(',')}}`;
}

/**
 * The text that is hashed or signed for a value: its canonical JSON behind a label, so that what was made for one purpose never passes for
 * another.
 */
export function labelled(label: `imagepull/${string}/v${number}`, value: unknown): string {
  return `${label}\n${canonicalJson(value)}`;
}

function isJson(value: unknown, levels: number): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return value.isWellFormed();
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((member) => isJson(member, levels - 1));
  if (!isPlain(value)) return false;
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && (member === undefined || isJson(member, levels - 1)));
}

/** True for what a JSON object or an object literal is; false for dates, maps and functions. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
