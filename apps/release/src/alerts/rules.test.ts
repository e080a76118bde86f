import { readPage, readQueries } from '@kafka-http-proxy/testkit/docs';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../machine/paths.js';
import { readAlerts, readRules } from './rules.js';

const RUNBOOK = 'https://github.com/kafka-http-proxy/kafka-http-proxy/blob/main/docs/operations.md#';
const OF_PROMETHEUS = ['up'];

const operations = readPage(`${ROOT}docs/operations.md`);
const metrics = readPage(`${ROOT}docs/metrics.md`);
const alerts = readAlerts();

/** Metrics of docs/metrics.md; a histogram by the series it has. */
const known = new Set(
  metrics.sections
    .flatMap(({ rows }) => rows)
    .flatMap(([name = '', type]) => {
      const metric = name.replaceAll('`', '');
      return type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${metric}_${part}`) : [metric];
    }),
);

describe('the alerts', () => {
  it.each(alerts)('$alert says how bad it is, what it is, and where its runbook is', (rule) => {
    expect(rule.alert).toMatch(/^KafkaHttpProxy[A-Z]/);
    expect(['page', 'ticket']).toContain(rule.labels.severity);
    expect(rule.for).toMatch(/^\d+[mh]$/);
    expect(Object.keys(rule.annotations)).toEqual(['summary', 'description', 'runbook_url']);
    expect(rule.annotations.runbook_url).toBe(`${RUNBOOK}${rule.alert.toLowerCase()}`);
  });

  it('have a section of docs/operations.md each, and each such section has its alert', () => {
    const sections = operations.sections.filter(({ title }) => /^KafkaHttpProxy/.test(title));
    expect(new Set(sections.map(({ title }) => title))).toEqual(new Set(alerts.map(({ alert }) => alert)));
    for (const { title, anchor } of sections) expect(anchor).toBe(title.toLowerCase());
  });

  const recorded = readRules().flatMap(({ record = [] }) => record);
  it.each(readRules())('$alert$record reads metrics that docs/metrics.md has', ({ expr }) => {
    const queries = readQueries(expr.replaceAll('\n', ' '));
    expect(queries.map(({ valid }) => valid)).toEqual([true]);
    const series = queries.flatMap((query) => query.series);
    const all = new Set([...known, ...recorded, ...OF_PROMETHEUS]);
    expect(series.filter((name) => !all.has(name))).toEqual([]);
  });
});
