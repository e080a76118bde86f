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

  it('tells of what, how much and what to read, in words', async () => {
    const alert = 'KafkaHttpProxyDeadLetters';
    const { annotations } = readAlerts().find((one) => one.alert === alert) ?? {};
    const letters = 'processor_dead_letters_total{job="p",topic="orders",code="backend_unreachable"}';
    const told = {
      exp_labels: { severity: 'ticket', job: 'p', topic: 'orders', code: 'backend_unreachable' },
      exp_annotations: {
        ...annotations,
        description: '3 requests to orders went to the dead-letter topic in 15 minutes, for backend_unreachable.',
      },
    };
    const test = {
      interval: '15s',
      input_series: [{ series: letters, values: '_x4 3+0x20' }],
      alert_rule_test: [{ alertname: alert, eval_time: '5m', exp_alerts: [told] }],
    };
    const file = join(folder, 'words.json');
    writeFileSync(
      file,
      JSON.stringify({ rule_files: [join(ROOT, ALERTS_FILE)], evaluation_interval: '15s', tests: [test] }),
    );
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
