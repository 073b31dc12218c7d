import type { StoredObject } from './object-store.ts';
import type { Resource } from './resource.ts';
import { badRequest } from './status.ts';

/** Whether an object is wanted. */
export type Selects = (object: StoredObject) => boolean;

const FIELD = /^([A-Za-z][A-Za-z0-9.]{0,99})(=|==|!=)(.{0,300})$/;

/** A field selector. Throws `BadRequest` for a field that the resource does not have, as the API server does. */
export function fieldSelector(text: string, { name, fields }: Resource): Selects {
  const known = new Set(['metadata.name', 'metadata.namespace', ...fields]);
  const terms = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const [, field = '', operator, value = ''] = FIELD.exec(term) ?? [];
      if (operator === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
      if (!known.has(field)) throw badRequest(`field label not supported: ${field}`);
      // What an event is from is one field of two parts in old events.
      const path = name === 'events' && field === 'source' ? 'source.component' : field;
      return (object: StoredObject) => (fieldOf(object, path) === value) === (operator !== '!=');
    });
  return (object) => terms.every((term) => term(object));
}

const LABEL = /^ *(!)? *([A-Za-z0-9][-A-Za-z0-9_./]{0,316}) *(?:(=|==|!=) *([-A-Za-z0-9_.]{0,63}) *|(in|notin) *\(([^()]{0,2000})\) *)?$/;

/** A label selector. Throws `BadRequest` for one that is none. */
export function labelSelector(text: string): Selects {
  const terms = text
    .split(/,(?![^(]*\))/)
    .filter((term) => term.trim() !== '')
    .map((term): Selects => {
      const [, not, key, operator, value, set, values] = LABEL.exec(term) ?? [];
      if (key === undefined) throw badRequest(`unable to parse requirement: ${term}`);
      const wanted = set === undefined ? [value ?? ''] : (values ?? '').split(',').map((one) => one.trim());
      return ({ metadata: { labels } }) => {
        const has = labels?.[key];
        if (operator === undefined && set === undefined) return (has === undefined) === (not !== undefined);
        const isOneOf = has !== undefined && wanted.includes(has);
        return operator === '!=' || set === 'notin' ? !isOneOf : isOneOf;
      };
    });
  return (object) => terms.every((term) => term(object));
}

/** The text at a path; empty where there is none. */
function fieldOf(object: unknown, path: string): string {
  const found = path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined,
      object,
    );
  return found === undefined || found === null ? '' : String(found);
}
