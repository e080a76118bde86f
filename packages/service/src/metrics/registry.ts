import { METHODS } from 'node:http';
import { type Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Histogram buckets for latencies, in seconds: 1 ms, about Kafka's own round trip, to a minute. */
export const LATENCY_BUCKETS: readonly number[] = [
  0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/**
 * A registry with Node's own metrics and what is running.
 *
 * @example
 * const registry = createRegistry({ name: 'kafka-proxy', version: '2.0.0' });
 */
export function createRegistry({ name, version }: { readonly name: string; readonly version: string }): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'kafka_http_proxy_build_info',
    help: 'What is running; always 1.',
    labelNames: ['service', 'version', 'node_version'],
    registers: [registry],
  }).set({ service: name, version, node_version: process.version }, 1);
  return registry;
}

/** The label of a value. */
export interface BoundedLabel {
  (value: string): string;
  /** These are preset from now on, beside the others. */
  admit(values: Iterable<string>): void;
}

/**
 * Keeps a label's values few where clients choose them: the preset values and the first `max` others
 * are themselves, any later one is `other`.
 *
 * @example
 * const label = boundedLabel(100, 'other', ['orders']);
 * label('orders'); // orders
 */
export function boundedLabel(max: number, other = 'other', preset: Iterable<string> = []): BoundedLabel {
  const known = new Set(preset);
  let most = known.size + max;
  const label = (value: string): string => {
    if (known.has(value)) return value;
    if (known.size >= most) return other;
    known.add(value);
    return value;
  };
  return Object.assign(label, {
    admit(values: Iterable<string>): void {
      for (const value of values) {
        if (known.has(value)) continue;
        known.add(value);
        most++;
      }
    },
  });
}

const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/** A method that Node knows, else OTHER: a label that clients can't grow. */
export function methodLabel(method: string): string {
  return KNOWN_METHODS.has(method) ? method : 'OTHER';
}

/** Removes the series of a counter that have these label values. */
export async function removeSeries<Label extends string>(
  counter: Counter<Label>,
  values: Readonly<Partial<Record<Label, string>>>,
): Promise<void> {
  const { values: series } = await counter.get();
  for (const { labels } of series) {
    if (hasLabels(labels, values)) counter.remove(labels as Record<Label, string | number>);
  }
}

/** True where labels have all of these values. */
export function hasLabels(
  labels: Readonly<Partial<Record<string, string | number>>>,
  values: Readonly<Partial<Record<string, string>>>,
): boolean {
  return Object.entries(values).every(([label, value]) => labels[label] === value);
}
