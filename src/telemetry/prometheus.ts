import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { asCodedError } from '../errors.ts';
import type { Log } from './log.ts';
import { COUNTERS, GAUGES, HISTOGRAMS, type Metrics } from './metrics.ts';

/** Figures as Prometheus reads them. */
export interface PrometheusMetrics extends Metrics {
  /** Media type of `text`. */
  readonly contentType: string;
  /** All figures, in the text format. Never throws. */
  text(): Promise<string>;
}

/** Counts in this process, with the usual figures of a process of Node beside its own. */
export function createPrometheusMetrics(log: Log): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counters = mapValues(COUNTERS, ({ help, labels }, name) => new Counter<string>({ name, help, labelNames: [...labels], registers }));
  const histograms = mapValues(HISTOGRAMS, ({ help, buckets }, name) => new Histogram({ name, help, buckets: [...buckets], registers }));
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    count: (name, labels, by = 1) => counters[name].inc(labels, by),
    time: (name, seconds) => histograms[name].observe(Math.max(0, seconds)),
    gauge(name, read) {
      const { help, labels } = GAUGES[name];
      new Gauge<string>({
        name,
        help,
        labelNames: [...labels],
        registers,
        async collect() {
          this.reset();
          try {
            for (const sample of await read()) this.set(sample.labels, sample.value);
          } catch (cause) {
            const { code, message } = asCodedError(cause);
            log.warn('a figure could not be read', { figure: name, code, because: message });
          }
        },
      });
    },
  };
}

function mapValues<K extends string, V, R>(record: Readonly<Record<K, V>>, to: (value: V, key: K) => R): Readonly<Record<K, R>> {
  const keys = Object.keys(record) as K[];
  return Object.fromEntries(keys.map((key) => [key, to(record[key], key)])) as Record<K, R>;
}
