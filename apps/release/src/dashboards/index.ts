import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { pathDashboard } from './path.js';
import { processorDashboard } from './processor.js';
import { proxyDashboard } from './proxy.js';

/** The dashboards that are shipped, by the names of their files. */
export const DASHBOARDS: Readonly<Record<string, () => Dashboard>> = {
  proxy: proxyDashboard,
  processor: processorDashboard,
  path: pathDashboard,
};

/** Those that each chart brings: a chart reads no file outside of itself. */
export const CHART_DASHBOARDS = { proxy: ['proxy', 'path'], processor: ['processor'] } as const;

/** A dashboard in JSON, a key of it or a panel on each line: a change shows as the panels that changed. */
export function dashboardJson(dashboard: Dashboard): string {
  const { panels = [], ...rest } = dashboard;
  const lines = Object.entries(rest).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  const list = panels.map((panel) => `    ${JSON.stringify(panel)}`).join(',\n');
  return `{\n${[...lines, `  "panels": [\n${list}\n  ]`].join(',\n')}\n}\n`;
}

/** Each file that is made of them: its path from the root of the repository, and its text. */
export function dashboardFiles(): { readonly path: string; readonly text: string }[] {
  return Object.entries(DASHBOARDS).flatMap(([name, make]) => {
    const text = dashboardJson(make());
    const charts = Object.entries(CHART_DASHBOARDS).filter(([, names]) => (names as readonly string[]).includes(name));
    const folders = ['docker/grafana', ...charts.map(([chart]) => `docker/helm/${chart}`)];
    return folders.map((folder) => ({ path: `${folder}/dashboards/${name}.json`, text }));
  });
}
