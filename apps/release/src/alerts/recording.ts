import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCES } from '../machine/paths.js';
import { fromPromtool, goingOn, type SeriesId } from './series.js';

/** A run of both tiers in which one thing went wrong and was put right, as Prometheus would have scraped it. */
export interface Recording {
  /** What went wrong, in a sentence. */
  readonly about: string;
  /** The alerts that have to fire, and no other may. */
  readonly alerts: readonly string[];
  /** How it came to be: `pnpm record:alerts <name>`, or by hand where the fault is not to be had. */
  readonly made: string;
  /** Scrapes before the fault, while it lasted, and after it. */
  readonly scrapes: readonly [before: number, during: number, after: number];
  /** Samples in promtool's notation. */
  readonly series: Readonly<Record<SeriesId, string>>;
}

/** Where the recordings are. */
export const RECORDED: string = join(SOURCES, 'alerts/recorded');

/** Seconds between two scrapes, as the rules read a recording: a minute of a fault stands for half an hour. */
const STRETCHED_S = 15;
/** Longest window that has to pass before the last alert is silent: 6 h, and some. */
const SILENT_AFTER_S = 8 * 3600;

/** The recordings, by their names. */
export function readRecordings(): { readonly name: string; readonly recording: Recording }[] {
  const files = readdirSync(RECORDED).sort();
  return files.map((file) => ({
    name: file.replace('.json', ''),
    recording: JSON.parse(readFileSync(join(RECORDED, file), 'utf8')) as Recording,
  }));
}

/**
 * A file of promtool's unit tests: no alert fires until the fault, exactly the recording's fire at all, and none hours
 * after it, when everything has gone on as in its last scrapes.
 *
 * @param rules path of the file of rules
 */
export function unitTest(rules: string, { about, alerts, scrapes, series }: Recording): object {
  const [before, during, after] = scrapes;
  const more = SILENT_AFTER_S / STRETCHED_S;
  const end = `${(before + during + after + more - 1) * STRETCHED_S}s`;
  const firing = 'ALERTS{alertstate="firing"}';
  const none = [{ labels: '{}', value: 0 }];
  return {
    rule_files: [rules],
    evaluation_interval: `${2 * STRETCHED_S}s`,
    tests: [
      {
        name: about,
        interval: `${STRETCHED_S}s`,
        input_series: Object.entries(series).map(([id, values]) => ({
          series: id,
          values: `${values} ${goingOn(id, fromPromtool(values), more)}`,
        })),
        promql_expr_test: [
          {
            expr: `count(last_over_time(${firing}[1h])) or vector(0)`,
            eval_time: `${(before - 1) * STRETCHED_S}s`,
            exp_samples: none,
          },
          {
            expr: `group by (alertname) (last_over_time(${firing}[1d]))`,
            eval_time: end,
            exp_samples: alerts.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
          },
          { expr: `count(${firing}) or vector(0)`, eval_time: end, exp_samples: none },
        ],
      },
    ],
  };
}
