import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { DataqueryBuilder, SearchTableType } from '@grafana/grafana-foundation-sdk/tempo';

/** Grafana's type of data source. */
export const TEMPO = 'tempo';

const SOURCE: DataSourceRef = { type: TEMPO, uid: '$' + '{traces}' };

/** The variable that names the store of traces; empty where there is none. */
export function tempoVariable(): dashboard.DatasourceVariableBuilder {
  return new dashboard.DatasourceVariableBuilder('traces').label('Traces').type(TEMPO);
}

/** Traces that were slow, and such that failed; a row opens one. Names of services are the tiers' defaults. */
export function slowTraces(): PanelBuilder[] {
  return [
    traces('Slow requests', 'Traces of the proxies that took longer than half a second.', 'duration > 500ms'),
    traces('Failed requests', 'Traces of the proxies that ended in a 5xx, or were broken off.', 'status = error'),
  ];
}

function traces(title: string, about: string, condition: string): PanelBuilder {
  const query = `{ resource.service.name = "kafka-http-proxy-proxy" && kind = server && ${condition} }`;
  return new PanelBuilder()
    .title(title)
    .description(about)
    .datasource(SOURCE)
    .span(12)
    .height(9)
    .withTarget(
      new DataqueryBuilder()
        .refId('A')
        .datasource(SOURCE)
        .queryType('traceql')
        .query(query)
        .limit(20)
        .tableType(SearchTableType.Traces),
    );
}
