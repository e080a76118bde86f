import { printable } from '../text/printable.js';
import type { CheckLine } from './step.js';

/** What a monitoring plugin says and how it ends. */
export interface PluginResult {
  readonly line: string;
  /** 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
  readonly exitCode: number;
}

const STATES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/**
 * All lines as one, with figures behind a bar, as Nagios, Icinga and their kin read them. Where nothing was looked at
 * it is UNKNOWN.
 *
 * @see https://www.monitoring-plugins.org/doc/guidelines.html
 */
export function pluginResult(lines: readonly CheckLine[]): PluginResult {
  const of = (wanted: CheckLine['state']) => lines.filter(({ state }) => state === wanted);
  const [ok, warn, fail, skip] = [of('ok'), of('warn'), of('FAIL'), of('skip')];
  const exitCode = fail.length > 0 ? 2 : warn.length > 0 ? 1 : ok.length > 0 ? 0 : 3;
  const told = [...fail, ...warn].map(({ id, what }) => `${id} ${what}`);
  const summary = `${ok.length} ok, ${warn.length} warn, ${fail.length} failed, ${skip.length} skipped`;
  const counts = `ok=${ok.length} warn=${warn.length} failed=${fail.length} skipped=${skip.length}`;
  return { line: pluginLine(exitCode, [summary, ...told].join('; '), `${counts}${figures(lines)}`), exitCode };
}

/** What a plugin says that could not look. */
export function pluginUnknown(reason: string): PluginResult {
  return { line: pluginLine(3, reason, ''), exitCode: 3 };
}

function pluginLine(exitCode: number, text: string, performance: string): string {
  const said = `KAFKA_HTTP_PROXY ${STATES[exitCode]}: ${oneLine(text)}`;
  return performance === '' ? said : `${said} | ${performance}`;
}

/** The bar divides text from figures, so it is no part of either. */
function oneLine(text: string): string {
  return printable(text.replaceAll('\n', ' ')).replaceAll('|', '/');
}

function figures(lines: readonly CheckLine[]): string {
  return lines
    .flatMap(({ figures: of = {} }) => Object.entries(of))
    .map(([name, { value, unit }]) => ` '${oneLine(name).replaceAll(/['=]/g, '_')}'=${value}${unit};;;;`)
    .join('');
}
