import { z } from 'zod';

/** What a sender may say of an object's fields, with the fields that are broken left out. */
export interface ReadFields<T> {
  readonly fields: Partial<T>;
  /** `alerts[3].labels: expected record`; quotes nothing of the body. */
  readonly problems: readonly string[];
}

/** Texts by name, as labels and annotations are. Numbers and booleans become text, anything else is left out. */
export const Texts = z.record(z.string(), z.unknown()).transform((all) => Object.fromEntries(Object.entries(all).flatMap(textOf)));

function textOf([key, value]: readonly [string, unknown]): readonly (readonly [string, string])[] {
  const text = scalarText(value);
  return text === undefined ? [] : [[key, text]];
}

/** A text, number or boolean as text. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/**
 * Reads an object field by field, so that one broken field loses nothing of the others. All fields of the schema are optional. Fields that
 * are null count as absent, and unknown ones are passed over. `where` names the object in problems. Not an object: no fields, and a problem.
 */
export function readFields<T>(schema: FieldSchema<T>, value: unknown, where: string): ReadFields<T> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { fields: {}, problems: [`${where} is not an object`] };
  const present = Object.fromEntries(Object.keys(schema.shape).flatMap((key) => fieldOf(value, key)));
  const read = schema.safeParse(present);
  if (read.success) return { fields: read.data, problems: [] };
  const broken = new Map(read.error.issues.map(({ path: [key], message }) => [String(key), message]));
  return {
    fields: schema.parse(Object.fromEntries(Object.entries(present).filter(([key]) => !broken.has(key)))),
    problems: [...broken].map(([key, message]) => `${where === '' ? key : `${where}.${key}`}: ${message}`),
  };
}

/** A schema of an object of which every field is optional. */
type FieldSchema<T> = z.ZodType<Partial<T>> & { readonly shape: Readonly<Record<string, unknown>> };

function fieldOf(value: object, key: string): readonly (readonly [string, unknown])[] {
  const found: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  return found === undefined || found === null ? [] : [[key, found]];
}
