import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALERTS_FILE } from '../documents/chart-alerts.js';
import { ensurePrograms } from '../machine/debian.js';
import { ROOT } from '../machine/paths.js';
import { run } from '../machine/run.js';
import { FAULTS } from './faults.js';
import { readRecordings, unitTest } from './recording.js';
import { readAlerts } from './rules.js';

const folder = mkdtempSync(join(tmpdir(), 'khp-alerts-'));
const RECORDINGS = readRecordings();

beforeAll(() => ensurePrograms({ promtool: 'prometheus' }), 600_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe(ALERTS_FILE, () => {
  it('is what promtool takes for rules', async () => {
    expect(await run('promtool', ['check', 'rules', ALERTS_FILE])).toContain('SUCCESS');
  });

  it.each(RECORDINGS)('is silent before $name, tells of it and of nothing else, and is silent again', async (one) => {
    const file = join(folder, `${one.name}.json`);
    writeFileSync(file, JSON.stringify(unitTest(join(ROOT, ALERTS_FILE), one.recording)));
    expect(await run('promtool', ['test', 'rules', file])).toContain('SUCCESS');
  });

  it('has a recording for each alert', () => {
    const told = new Set(RECORDINGS.flatMap(({ recording }) => recording.alerts));
    const names = readAlerts().map(({ alert }) => alert);
    expect(names.filter((name) => !told.has(name))).toEqual([]);
  });

  it.each(Object.entries(FAULTS))('has the recording %s (else run pnpm record:alerts)', (name, { about, alerts }) => {
    const recording = RECORDINGS.find((one) => one.name === name)?.recording;
    expect(recording && { about: recording.about, alerts: recording.alerts }).toEqual({ about, alerts });
  });
});
