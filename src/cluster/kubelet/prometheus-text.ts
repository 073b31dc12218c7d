/** One sample of the Prometheus text format. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const MAX_SAMPLES = 50_000;
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]{0,200}/;
const LABEL = /\s{0,10}([a-zA-Z_][a-zA-Z0-9_]{0,100})\s{0,10}=\s{0,10}"((?:[^"\\]|\\.){0,2000})"\s{0,10},?/y;
const VALUE = /^\s{0,10}(\S{1,40})/;

/**
 * Reads the samples of some metrics (https://prometheus.io/docs/instrumenting/exposition_formats/); comments, other metrics and lines
 * that cannot be read are left out. Linear in the length of the text.
 */
export function parseMetrics(text: string, wanted: (name: string) => boolean): readonly MetricSample[] {
  const samples: MetricSample[] = [];
  for (let start = 0; start < text.length && samples.length < MAX_SAMPLES; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const sample = readLine(text.slice(start, Math.min(end, start + 8192)), wanted);
    if (sample) samples.push(sample);
    start = end + 1;
  }
  return samples;
}

function readLine(line: string, wanted: (name: string) => boolean): MetricSample | undefined {
  const name = NAME.exec(line)?.[0];
  if (name === undefined || !wanted(name)) return undefined;
  const labels: Record<string, string> = {};
  let at = name.length;
  if (line[at] === '{') {
    LABEL.lastIndex = at + 1;
    for (let match = LABEL.exec(line); match; match = LABEL.exec(line)) {
      labels[match[1] ?? ''] = unescaped(match[2] ?? '');
      at = LABEL.lastIndex;
    }
    at = line.indexOf('}', at) + 1;
    if (at === 0) return undefined;
  }
  const value = numberOf(VALUE.exec(line.slice(at))?.[1]);
  return value === undefined ? undefined : { name, labels, value };
}

function numberOf(text: string | undefined): number | undefined {
  switch (text) {
    case undefined:
      return undefined;
    case '+Inf':
      return Number.POSITIVE_INFINITY;
    case '-Inf':
      return Number.NEGATIVE_INFINITY;
    default: {
      const value = Number(text);
      return Number.isNaN(value) ? undefined : value;
    }
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
}
