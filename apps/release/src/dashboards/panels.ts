import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The variable that names the Prometheus of a dashboard. */
export const PROMETHEUS: common.DataSourceRef = { type: 'prometheus', uid: '$' + '{datasource}' };

/** Something that draws; a row takes it as it is. */
export type Panel = StatBuilder | TimeseriesBuilder;

/** PromQL and what its series are called; `{{label}}` stands for a label's value. */
export type Query = readonly [expr: string, legend: string];

/** What each panel says of itself. */
interface About {
  readonly title: string;
  /** What it shows, and what a bad value means. */
  readonly about: string;
  /** Grafana's id of a unit: `reqps`, `s`, `percentunit`, `bytes`, `short`. */
  readonly unit: string;
}

/** What {@link lines} draws. */
export interface Lines extends About {
  readonly queries: readonly Query[];
  /** Dots that lead to traces: for histograms that have exemplars. */
  readonly exemplars?: boolean;
  /** Areas upon each other: for parts of a whole. */
  readonly stacked?: boolean;
  /** Of 24 columns; 8 when left out. */
  readonly span?: number;
}

/** What {@link figure} draws. */
export interface Figure extends About {
  readonly expr: string;
  /** From here on it is red; orange from a half of it on. Without it there is no colour. */
  readonly bad?: number;
  /** It is bad below this, instead of above `bad`. */
  readonly badBelow?: number;
}

/** Curves over time. */
export function lines({ title, about, unit, queries, exemplars = false, stacked = false, span = 8 }: Lines): Panel {
  const panel = new TimeseriesBuilder()
    .title(title)
    .description(about)
    .datasource(PROMETHEUS)
    .unit(unit)
    .min(0)
    .span(span)
    .height(8)
    .fillOpacity(stacked ? 40 : 5)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  if (stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  queries.forEach(([expr, legend], at) => {
    panel.withTarget(target(expr, at).legendFormat(legend).exemplar(exemplars).range());
  });
  return panel;
}

/** One figure as of now, with its curve behind it. */
export function figure({ title, about, unit, expr, bad, badBelow }: Figure): Panel {
  const steps: dashboard.Threshold[] =
    badBelow !== undefined
      ? [step(null, 'red'), step(badBelow, 'green')]
      : bad !== undefined
        ? [step(null, 'green'), step(bad / 2, 'orange'), step(bad, 'red')]
        : [step(null, 'text')];
  return new StatBuilder()
    .title(title)
    .description(about)
    .datasource(PROMETHEUS)
    .unit(unit)
    .span(4)
    .height(4)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.Area)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .thresholds(new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps))
    .withTarget(target(expr, 0).range());
}

/** The 50th, 90th and 99th percentile of a histogram, as queries of {@link lines}. @param by labels that stay apart */
export function percentiles(histogram: string, selector: string, by: readonly string[] = []): Query[] {
  const legend = by.map((label) => `{{${label}}}`).join(' ');
  return [50, 90, 99].map((percent) => [
    quantile(percent / 100, histogram, selector, by),
    legend === '' ? `p${percent}` : `p${percent} ${legend}`,
  ]);
}

/** One quantile of a histogram, in PromQL. @param q from 0 to 1 */
export function quantile(q: number, histogram: string, selector: string, by: readonly string[] = []): string {
  const labels = ['le', ...by].join(', ');
  return `histogram_quantile(${q}, sum by (${labels}) (${rate(`${histogram}_bucket`, selector)}))`;
}

/** Per second, in PromQL: over four scrapes at least, and as long as a step of the curve. */
export function rate(counter: string, selector: string): string {
  return `rate(${counter}{${selector}}[$__rate_interval])`;
}

/** {@link rate}, summed. @param by labels that stay apart */
export function sumRate(counter: string, selector: string, by: readonly string[] = []): string {
  return `sum${by.length === 0 ? '' : ` by (${by.join(', ')}) `}(${rate(counter, selector)})`;
}

/** {@link sumRate} that is 0, not nothing, where none was counted: a series with labels is there from its first one on. */
export function orNone(expr: string): string {
  return `(${expr} or vector(0))`;
}

function target(expr: string, at: number): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + at))
    .datasource(PROMETHEUS)
    .expr(expr);
}

function step(value: number | null, color: string): dashboard.Threshold {
  return { value, color };
}
