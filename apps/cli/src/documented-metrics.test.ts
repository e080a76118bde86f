import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startProcessor } from '@kafka-http-proxy/processor';
import { isErrorCode, processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { startProxy } from '@kafka-http-proxy/proxy';
import {
  createLogger,
  createRegistry,
  registerLogWriter,
  registerReloadMetrics,
  registerTlsMetrics,
} from '@kafka-http-proxy/service';
import { readPage, readQueries } from '@kafka-http-proxy/testkit/docs';
import { beforeAll, describe, expect, it } from 'vitest';

/** A metric as a table row says it: type, and labels in their order. */
type Facts = readonly [type: string, labels: string];

const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
const page = readPage(`${docs}metrics.md`);
const OF_NODE = /^(process|nodejs)_/;

function documented(...anchors: string[]): Record<string, Facts> {
  const rows = page.sections.filter(({ anchor }) => anchors.includes(anchor)).flatMap(({ rows }) => rows);
  return Object.fromEntries(
    rows.map(([name = '', type = '', labels = '']) => [unquoted(name), [type, unquoted(labels)]]),
  );
}

const unquoted = (text: string) => text.replaceAll('`', '');

/** What a tier registers when it starts; Kafka need not be there. */
async function registered(tier: 'proxy' | 'processor'): Promise<Record<string, Facts>> {
  const registry = createRegistry({ name: tier, version: '0' });
  registerLogWriter(registry, { dropped: () => 0 });
  registerReloadMetrics(registry, tier);
  // With `tls` alone.
  registerTlsMetrics(registry, tier).of({ expirySeconds: () => 0 });
  const logger = createLogger({ name: tier, level: 'silent', destination: { write: () => undefined } });
  const kafka = { bootstrap_servers: '127.0.0.1:1' };
  const topics = [{ request_topic: 'a', response_topic: 'b', backend_url: 'http://127.0.0.1:1' }];
  const running =
    tier === 'proxy'
      ? await startProxy(proxyConfig.parse({ kafka, port: 0, host: '127.0.0.1' }), { logger, registry })
      : await startProcessor(processorConfig.parse({ kafka, topics, health_check_interval: 0 }), { logger, registry });
  running.connected.catch(() => undefined);
  await running.stop();
  const metrics = await registry.getMetricsAsJSON();
  return Object.fromEntries(
    metrics.map(({ name, type }) => {
      const { labelNames } = registry.getSingleMetric(name) as unknown as { readonly labelNames: readonly string[] };
      return [name, [String(type), labelNames.join(', ')]];
    }),
  );
}

describe('docs/metrics.md', () => {
  let proxy: Record<string, Facts> = {};
  let processor: Record<string, Facts> = {};
  beforeAll(async () => {
    [proxy, processor] = await Promise.all([registered('proxy'), registered('processor')]);
  });
  const own = (metrics: Record<string, Facts>) =>
    Object.fromEntries(Object.entries(metrics).filter(([name]) => !OF_NODE.test(name)));

  it('has each metric of the proxy with its type and labels, and no other', () => {
    expect(documented('proxy', 'both-tiers')).toEqual(own(proxy));
  });

  it('has each metric of the processor with its type and labels, and no other', () => {
    expect(documented('processor', 'both-tiers')).toEqual(own(processor));
  });

  const queries = page.sections
    .flatMap(({ code }) => code)
    .filter(({ language }) => language === 'promql')
    .flatMap(({ text }) => readQueries(text));

  it('shows queries', () => expect(queries.length).toBeGreaterThan(20));

  it.each(queries)('has a query that Prometheus takes, of metrics and labels that exist: $text', (query) => {
    expect(query.valid).toBe(true);
    const labels = new Set(['le', 'instance', 'job']);
    for (const series of query.series) {
      const [type, names] = metricOf(series, { ...proxy, ...processor });
      expect(type, series).not.toBe('unknown');
      for (const name of names.split(', ')) labels.add(name);
    }
    expect(query.labels.filter((label) => !labels.has(label))).toEqual([]);
  });
});

/** Names of nginx that look like ours. */
const OF_NGINX = ['proxy_read_timeout', 'proxy_set_header', 'proxy_ssl_certificate', 'proxy_pass'];

describe('the other pages', () => {
  const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));

  it.each(pages)('%s names only metrics that docs/metrics.md has', (name) => {
    const known = documented('proxy', 'processor', 'both-tiers');
    const named = readPage(`${docs}${name}`).codeSpans.filter((span) =>
      /^(proxy|processor|kafka_client)_[a-z_]+$/.test(span),
    );
    expect(named.filter((metric) => !(metric in known || isErrorCode(metric) || OF_NGINX.includes(metric)))).toEqual(
      [],
    );
  });
});

/** The metric of a series, which has a name of its own in histograms. */
function metricOf(series: string, metrics: Record<string, Facts>): Facts {
  const base = series.replace(/_(bucket|sum|count)$/, '');
  const histogram = base === series ? undefined : metrics[base];
  const found = histogram?.[0] === 'histogram' ? histogram : metrics[series];
  return found ?? ['unknown', ''];
}
