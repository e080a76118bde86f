import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../machine/paths.js';
import { DASHBOARDS, dashboardFiles } from './index.js';
import { queriesOf } from './queries.js';

it.each(dashboardFiles())('$path is what the code makes (else run pnpm docs:dashboards)', ({ path, text }) => {
  expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text);
});

it.each(Object.entries(DASHBOARDS))('each panel of %s says what it shows, and asks for it', (_, make) => {
  const panels = make().panels?.filter(({ type }) => type !== 'row') ?? [];
  const about = (panel: object) => ('description' in panel ? String(panel.description) : '');
  expect(panels.filter((panel) => about(panel).length < 10)).toEqual([]);
  expect(queriesOf(make()).length).toBeGreaterThanOrEqual(panels.length);
});
