/** Samples of one series, a scrape each; null where the process gave none. */
export type Samples = readonly (number | null)[];

/** A series by its name and labels, as Prometheus writes them. */
export type SeriesId = string;

/**
 * Samples in the notation of promtool's unit tests: `5+0x9` is ten times 5, `1+2x3` is 1 3 5 7, `_` none. The first
 * that is missing is `stale`, as Prometheus marks it when a scrape fails.
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
 */
export function inPromtool(samples: Samples): string {
  const words: string[] = [];
  for (let at = 0; at < samples.length; ) {
    const first = samples[at] ?? null;
    let end = at + 1;
    if (first === null) {
      while (end < samples.length && (samples[end] ?? null) === null) end++;
      const left = at === 0 ? end : end - at - 1;
      if (at > 0) words.push('stale');
      if (left > 0) words.push(`_x${left}`);
    } else {
      const step = (samples[end] ?? Number.NaN) - first;
      while (end < samples.length && (samples[end] ?? Number.NaN) - (samples[end - 1] ?? Number.NaN) === step) end++;
      if (end - at < 3) end = at + 1;
      words.push(end === at + 1 ? `${first}` : `${first}${step < 0 ? '' : '+'}${step}x${end - at - 1}`);
    }
    at = end;
  }
  return words.join(' ');
}

/** What promtool's notation stands for. @throws Error for a word that {@link inPromtool} does not write */
export function fromPromtool(text: string): Samples {
  return text.split(' ').flatMap((word) => {
    if (word === 'stale') return [null];
    const [, none, first = '', step = '', times] =
      /^(?:(_)|(-?[\d.e+-]*?\d)([+-][\d.]+)?)(?:x(\d+))?$/.exec(word) ?? [];
    if (none === undefined && first === '') throw new Error(`${word} is no sample of promtool's notation`);
    if (none !== undefined) return Array<null>(Number(times ?? 1)).fill(null);
    return Array.from({ length: Number(times ?? 0) + 1 }, (_, i) => Number(first) + Number(step || 0) * i);
  });
}

/** Scrapes that tell how fast a counter goes at the end. */
const PACE = 10;

/** Samples that go on after the last as they went before it: counters at their pace, gauges where they are. */
export function goingOn(id: SeriesId, samples: Samples, count: number): string {
  const last = samples.at(-1) ?? null;
  if (last === null) return `_x${count}`;
  const before = samples.at(-1 - PACE) ?? last;
  const pace = isCounter(id) ? Math.max(0, last - before) / PACE : 0;
  return `${last + pace}+${pace}x${count - 1}`;
}

function isCounter(id: SeriesId): boolean {
  return /^[a-z_]+_(total|bucket|count)(\{|$)/.test(id);
}

/** The samples of a page of /metrics, by their series. */
export function* readSamples(page: string): Generator<{ name: string; labels: string; value: number }> {
  for (const line of page.split('\n')) {
    const [, name, labels = '', value] = /^([a-z_]+)(?:\{(.*?)\})? (\S+)/.exec(line) ?? [];
    if (name !== undefined) yield { name, labels, value: Number(value) };
  }
}
