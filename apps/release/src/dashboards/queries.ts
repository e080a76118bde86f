import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

/** A query of a panel. */
export interface PanelQuery {
  /** Of the panel. */
  readonly title: string;
  readonly expr: string;
  readonly exemplar: boolean;
}

interface Shown {
  readonly title?: string;
  readonly targets?: readonly object[];
}

/** The queries of a dashboard that are for Prometheus, with its variables as Grafana fills them in. */
export function queriesOf({ panels = [], templating }: Dashboard): PanelQuery[] {
  const names = (templating?.list ?? []).map(({ name }) => name);
  return (panels as readonly Shown[]).flatMap(({ title = '', targets = [] }) =>
    (targets as readonly { expr?: string; exemplar?: boolean }[]).flatMap(({ expr, exemplar = false }) =>
      expr === undefined ? [] : [{ title, expr: filled(expr, names), exemplar }],
    ),
  );
}

/** With all values chosen of each variable. @throws Error for a variable that there is not */
function filled(expr: string, names: readonly string[]): string {
  return expr.replace(/\$(?:\{(\w+)\}|(\w+))/g, (text, braced?: string, plain?: string) => {
    const name = braced ?? plain ?? '';
    if (name === '__rate_interval') return '1m';
    if (names.includes(name)) return '.*';
    throw new Error(`${text} in ${expr} is no variable of the dashboard`);
  });
}
