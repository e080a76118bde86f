import type { Metric, MetricObjectWithValues, MetricValueWithName, Registry } from 'prom-client';
import { hasLabels, LATENCY_BUCKETS } from './registry.js';

/** The metric, as prom-client has it. */
export interface LatencyHistogramOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  readonly registry: Registry;
}

/** The latencies of one set of label values. */
export interface LatencySeries {
  /** Counts one; what is no finite number is left out. @param traceId of a sampled request: it is the bucket's exemplar */
  observe(seconds: number, traceId?: string): void;
}

/**
 * A histogram of latencies in prom-client's registry, as its own would be, for what is observed with each request:
 * prom-client checks and joins the labels at each observation, of labels that were bound too, which took 4 % of
 * both services' time (docs/performance.md).
 *
 * @example
 * const latency = new LatencyHistogram({ name: 'request_seconds', help: 'How long.', labelNames: ['topic'], registry });
 * latency.labels({ topic: 'orders' }).observe(0.012);
 */
export class LatencyHistogram<Label extends string> {
  readonly name: string;
  readonly labelNames: readonly Label[];
  readonly #help: string;
  readonly #series = new Map<string, Series>();

  constructor({ name, help, labelNames, registry }: LatencyHistogramOptions<Label>) {
    this.name = name;
    this.#help = help;
    this.labelNames = labelNames;
    // A registry asks its metrics for their name and by `get`, no more.
    registry.registerMetric(this as unknown as Metric);
  }

  /** The series of these values; to be kept by whoever observes often. */
  labels(values: Readonly<Record<Label, string>>): LatencySeries {
    const id = JSON.stringify(this.labelNames.map((label) => values[label]));
    let series = this.#series.get(id);
    if (series === undefined) {
      series = new Series(values);
      this.#series.set(id, series);
    }
    return series;
  }

  /** Writes no series out any more that has these values; whoever kept one observes in vain. */
  remove(values: Readonly<Partial<Record<Label, string>>>): void {
    for (const [id, series] of this.#series) if (hasLabels(series.labels, values)) this.#series.delete(id);
  }

  /** What the registry writes out. */
  async get(): Promise<Omit<MetricObjectWithValues<MetricValueWithName<string>>, 'collect'>> {
    return {
      name: this.name,
      help: this.#help,
      // prom-client names types where its declarations have numbers.
      type: 'histogram' as never,
      aggregator: 'sum',
      values: [...this.#series.values()].flatMap((series) => series.values(this.name)),
    };
  }

  reset(): void {
    this.#series.clear();
  }
}

/** A sampled request that was observed. */
interface Exemplar {
  readonly traceId: string;
  readonly seconds: number;
  /** Ms since the epoch. */
  readonly atMs: number;
}

/** As prom-client writes it, where it writes OpenMetrics. */
function exemplarOf({ traceId, seconds, atMs }: Exemplar) {
  return { labelSet: { trace_id: traceId }, value: seconds, timestamp: atMs / 1000 };
}

class Series implements LatencySeries {
  readonly labels: Readonly<Record<string, string>>;
  /** By bucket, not cumulated; the last is of what is above all bounds. */
  readonly #counts = new Float64Array(LATENCY_BUCKETS.length + 1);
  #sum = 0;
  /** The last sampled request of each bucket. */
  readonly #exemplars: (Exemplar | undefined)[] = [];

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels;
  }

  observe(seconds: number, traceId?: string): void {
    if (!Number.isFinite(seconds)) return;
    let bucket = 0;
    while (bucket < LATENCY_BUCKETS.length && seconds > (LATENCY_BUCKETS[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += seconds;
    if (traceId !== undefined) this.#exemplars[bucket] = { traceId, seconds, atMs: Date.now() };
  }

  values(name: string): MetricValueWithName<string>[] {
    let count = 0;
    const buckets = [...LATENCY_BUCKETS, '+Inf'].map((le, i) => {
      count += this.#counts[i] as number;
      const bucket = { metricName: `${name}_bucket`, labels: { le, ...this.labels }, value: count };
      const exemplar = this.#exemplars[i];
      return exemplar === undefined ? bucket : { ...bucket, exemplar: exemplarOf(exemplar) };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: this.labels, value: this.#sum },
      { metricName: `${name}_count`, labels: this.labels, value: count },
    ];
  }
}
