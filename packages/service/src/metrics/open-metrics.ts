import {
  type Metric,
  type MetricObjectWithValues,
  type MetricValue,
  type OpenMetricsContentType,
  Registry,
} from 'prom-client';

/** How a registry is written out. */
export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

/**
 * Writes a registry out as the scraper asks: with exemplars in OpenMetrics, which has room for them, where it prefers
 * that; else as it always was.
 *
 * @param accept the field of the request; its order of preference is that of RFC 9110 §12.5.1
 */
export async function metricsPage(registry: Registry, accept: string | undefined): Promise<MetricsPage> {
  if (!prefersOpenMetrics(accept)) return { contentType: registry.contentType, text: await registry.metrics() };
  const open = new Registry<OpenMetricsContentType>();
  open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const metric of registry.getMetricsAsArray()) open.registerMetric(viewOf(metric as unknown as Collected));
  return { contentType: open.contentType, text: await open.metrics() };
}

/** What a registry asks its metrics for. */
type Collected = Pick<MetricObjectWithValues<MetricValue<string>>, 'name' | 'type'> & {
  get(): Promise<MetricObjectWithValues<MetricValue<string>>>;
};

/** prom-client renames a counter for good when it writes it as OpenMetrics: it is given another one that says the same. */
function viewOf(metric: Collected): Metric {
  const view = {
    name: metric.name,
    type: metric.type,
    async get() {
      const { type, ...rest } = await metric.get();
      const name = String(type) === 'counter' ? rest.name.replace(/_total$/, '') : rest.name;
      // A family of another type may not end like a counter's sample: such a one of Node's is of no type that is known.
      return { ...rest, name, type: String(type) === 'gauge' && name.endsWith('_total') ? 'unknown' : type };
    },
  };
  return view as unknown as Metric;
}

const OPEN_METRICS = 'application/openmetrics-text';

/** Whether OpenMetrics is wanted more than text, and at all. */
function prefersOpenMetrics(accept = ''): boolean {
  let open = 0;
  let text = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
    if (type === OPEN_METRICS && isOurVersion(parameters)) open = Math.max(open, weight || 0);
    else if (type === 'text/plain' || type === 'text/*' || type === '*/*') text = Math.max(text, weight || 0);
  }
  return open > 0 && open >= text;
}

function isOurVersion(parameters: readonly string[]): boolean {
  const version = parameters.find((one) => one.startsWith('version='));
  return version === undefined || /^version="?(?:1\.\d|0\.0\.1)/.test(version);
}
