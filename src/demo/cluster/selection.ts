import { matchesLabels, parseLabelSelector } from '../../facts/kubernetes/label-selector.ts';
import { type Answer, badRequest } from './answers.ts';
import { fieldOf, type StoredObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** Which objects a request is about. */
export interface Selection {
  /** Begins their keys: a namespace with a slash, or nothing for all. */
  readonly prefix: string;
  /** Whether a selector leaves some out. */
  readonly narrowed: boolean;
  readonly matches: (object: StoredObject) => boolean;
}

const ANY_RESOURCE = { 'metadata.name': ['metadata', 'name'], 'metadata.namespace': ['metadata', 'namespace'] } as const;

/** Reads both selectors of a query; the answer where the API server would refuse one. */
export function readSelection(resource: Resource, namespace: string | undefined, query: URLSearchParams): Selection | Answer {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  const labels = labelText === '' ? [] : parseLabelSelector(labelText);
  if (!labels) return badRequest(`unable to parse requirement: '${labelText}'`);
  const fields = readFields(resource, fieldText);
  if (isAnswer(fields)) return fields;
  return {
    prefix: namespace === undefined ? '' : `${namespace}/`,
    narrowed: labels.length > 0 || fields.length > 0,
    matches: (object) => fields.every((holds) => holds(object)) && matchesLabels(labels, object.metadata.labels ?? {}),
  };
}

type Holds = (object: StoredObject) => boolean;

function readFields(resource: Resource, text: string): readonly Holds[] | Answer {
  const wanted: Holds[] = [];
  for (const term of text.split(',').filter((part) => part !== '')) {
    const [, field = '', sign = '', value = ''] = /^(.*?)(!=|==|=)(.*)$/.exec(term) ?? [];
    if (sign === '') return badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const path = { ...ANY_RESOURCE, ...resource.fields }[field];
    if (!path) return badRequest(unsupported(resource, field));
    wanted.push((object) => (fieldOf(object, path) === value) === (sign !== '!='));
  }
  return wanted;
}

/** Three groups have three ways to say it. */
function unsupported(resource: Resource, field: string): string {
  if (resource.group === 'batch') return `field label "${field}" not supported for ${resource.kind}`;
  if (resource.group === '') return `field label not supported: ${field}`;
  return `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

/** Whether what was read is an answer already. */
export function isAnswer(read: object): read is Answer {
  return 'status' in read && 'body' in read;
}
