/** One condition on labels; all of a selector's have to hold. */
type Requirement =
  | { readonly key: string; readonly operator: 'in' | 'notin'; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: 'exists' | 'absent' }
  | { readonly key: string; readonly operator: '>' | '<'; readonly than: number };

export type LabelSelector = readonly Requirement[];

/** A selector as workloads carry it: labels that must be equal, and conditions. */
export interface WrittenSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null | undefined;
  readonly matchExpressions?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | null | undefined }[]
    | null
    | undefined;
}

const KEY = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
const MAX_LETTERS = 4_096;

/** Reads what `kubectl get -l` takes: `app=web,tier!=cache,env in (a,b),!canary`. Undefined for what the API server would refuse. */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  if (text.length > MAX_LETTERS) return undefined;
  const parts = splitOutsideBrackets(text).map((part) => requirementOf(part.trim()));
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** True for an object with these labels. */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every((requirement) => {
    const value = labels[requirement.key];
    switch (requirement.operator) {
      case 'in':
        return value !== undefined && requirement.values.includes(value);
      case 'notin':
        return value === undefined || !requirement.values.includes(value);
      case 'exists':
        return value !== undefined;
      case 'absent':
        return value === undefined;
      case '>':
        return Number(value) > requirement.than;
      case '<':
        return Number(value) < requirement.than;
      default:
        return requirement satisfies never;
    }
  });
}

/** A workload's selector as the text that a request carries. */
export function labelSelectorText(selector: WrittenSelector): string {
  return [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(selector.matchExpressions ?? []).map(({ key, operator, values }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${operator.toLowerCase()} (${(values ?? []).join(',')})`;
    }),
  ].join(',');
}

function splitOutsideBrackets(text: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const char of text) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

function requirementOf(part: string): Requirement | undefined {
  const set = /^([^\s()]{1,320})\s{1,8}(in|notin)\s{0,8}\(([^()]{0,2048})\)$/.exec(part);
  if (set)
    return checked({
      key: set[1] ?? '',
      operator: set[2] === 'in' ? 'in' : 'notin',
      values: (set[3] ?? '').split(',').map((value) => value.trim()),
    });
  const compared = /^([^\s=!<>]{1,320})\s{0,8}(==?|!=|>|<)\s{0,8}([^\s=!<>]{0,64})$/.exec(part);
  if (!compared) return checked(part.startsWith('!') ? { key: part.slice(1), operator: 'absent' } : { key: part, operator: 'exists' });
  const [, key = '', sign, value = ''] = compared;
  if (sign === '>' || sign === '<')
    return /^-?[0-9]{1,18}$/.test(value) ? checked({ key, operator: sign, than: Number(value) }) : undefined;
  return checked({ key, operator: sign === '!=' ? 'notin' : 'in', values: [value] });
}

function checked(requirement: Requirement): Requirement | undefined {
  const values = 'values' in requirement ? requirement.values : [];
  return KEY.test(requirement.key) && values.every((value) => VALUE.test(value)) ? requirement : undefined;
}
