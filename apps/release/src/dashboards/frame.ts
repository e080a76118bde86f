import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PROMETHEUS } from './panels.js';

/** Panels below a heading. */
export interface Row {
  readonly title: string;
  readonly panels: readonly cog.Builder<dashboard.Panel>[];
  /** Closed until somebody opens it: its queries do not run before. */
  readonly collapsed?: boolean;
}

/** What {@link frame} makes a dashboard of. */
export interface Frame {
  /** Its file's name, and the end of its uid. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly variables: readonly cog.Builder<dashboard.VariableModel>[];
  readonly rows: readonly Row[];
}

/** Tag of our dashboards, by which they link to each other. */
const TAG = 'kafka-http-proxy';

/** A dashboard: its rows in their order, a variable for the data source before the others, links to our other ones. */
export function frame({ name, title, about, variables, rows }: Frame): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(title)
    .uid(`kafka-http-proxy-${name}`)
    .description(about)
    .tags([TAG])
    .timezone('browser')
    .readonly()
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(
      new dashboard.DashboardLinkBuilder('Kafka HTTP proxy')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(false)
        .keepTime(true)
        .asDropdown(false),
    )
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  for (const variable of variables) builder.withVariable(variable);
  for (const { title: heading, panels, collapsed = false } of rows) {
    const row = new dashboard.RowBuilder(heading);
    if (collapsed) {
      for (const panel of panels) row.withPanel(panel);
      builder.withRow(row.collapsed(true));
    } else {
      builder.withRow(row);
      for (const panel of panels) builder.withPanel(panel);
    }
  }
  return numbered(builder.build());
}

/** A variable of which any number of values may be chosen; all at first. @param query of Grafana's Prometheus source */
export function choice(name: string, label: string, query: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query({ query, refId: name })
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** With an id for each panel: links to one, and Grafana's lists of changes, hold on to it. */
function numbered(made: dashboard.Dashboard): dashboard.Dashboard {
  let id = 0;
  const number = (panel: { id?: number; panels?: { id?: number }[] }) => {
    panel.id = ++id;
    panel.panels?.forEach(number);
  };
  made.panels?.forEach(number);
  return made;
}
