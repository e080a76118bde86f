import { Counter, type Registry } from 'prom-client';
import { hasLabels, removeSeries } from './registry.js';

/** The metric, as prom-client has it. */
export interface RequestCounterOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  readonly registry: Registry;
}

/** The count of one set of label values. */
export interface CounterSeries {
  /** Counts one; or none, which has the series written out from then on. */
  inc(by?: 0 | 1): void;
}

/**
 * A counter in prom-client's registry for what is counted with each request: prom-client joins and checks the labels
 * at each count, of labels that were bound too. Here a count is an addition, and prom-client gets the sum when it is
 * asked for.
 *
 * @example
 * const requests = new RequestCounter({ name: 'requests_total', help: 'Requests.', labelNames: ['topic'], registry });
 * const orders = requests.labels({ topic: 'orders' });
 * orders.inc();
 */
export class RequestCounter<Label extends string> {
  readonly #labelNames: readonly Label[];
  readonly #series = new Map<string, Series<Label>>();
  readonly #counter: Counter<Label>;

  constructor({ name, help, labelNames, registry }: RequestCounterOptions<Label>) {
    this.#labelNames = labelNames;
    const series = this.#series;
    this.#counter = new Counter<Label>({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        for (const one of series.values()) {
          if (!one.changed) continue;
          this.inc(one.labels, one.count);
          one.count = 0;
          one.changed = false;
        }
      },
    });
  }

  /** The series of these values; to be kept by whoever counts often. */
  labels(values: Readonly<Record<Label, string>>): CounterSeries {
    const id = JSON.stringify(this.#labelNames.map((label) => values[label]));
    let series = this.#series.get(id);
    if (series === undefined) {
      series = new Series(values);
      this.#series.set(id, series);
    }
    return series;
  }

  /** Writes no series out any more that has these values; whoever kept one counts in vain. */
  async remove(values: Readonly<Partial<Record<Label, string>>>): Promise<void> {
    for (const [id, { labels }] of this.#series) if (hasLabels(labels, values)) this.#series.delete(id);
    await removeSeries(this.#counter, values);
  }
}

class Series<Label extends string> implements CounterSeries {
  /** Since prom-client was last given it. */
  count = 0;
  /** Whether it was told anything since then. */
  changed = false;

  constructor(readonly labels: Readonly<Record<Label, string>>) {}

  inc(by: 0 | 1 = 1): void {
    this.count += by;
    this.changed = true;
  }
}
