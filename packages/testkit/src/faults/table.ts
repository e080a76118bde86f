import type { FaultResult } from './run-fault.js';

const MAX_COMPLAINTS = 5;
const MAX_WARNINGS = 10;
const COLUMNS = ['requests', 'failed', 'lost', 'wrong', 'twice', 'unexplained', 'gap s'];

/** One line a fault, what should not have been below it, and the count that CI reads. */
export function formatTable(results: readonly FaultResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length), 'fault'.length);
  const line = (name: string, cells: readonly string[]) =>
    `${name.padEnd(width)}${cells.map((cell, i) => cell.padStart((COLUMNS[i] as string).length + 2)).join('')}`;
  const lines = results.flatMap(({ name, requests, findings, note, complaints, warnings }) => {
    const { failed, lost, wrong, duplicates, unexplained, longestGapMs } = findings;
    const counts = [requests, failed, lost.length, wrong.length, duplicates, unexplained.length].map(String);
    const more = complaints.length - MAX_COMPLAINTS;
    return [
      line(name, [...counts, (longestGapMs / 1000).toFixed(1)]),
      ...(note === undefined ? [] : [`  ${note}`]),
      ...complaints.slice(0, MAX_COMPLAINTS).map((complaint) => `  ! ${complaint}`),
      ...(more > 0 ? [`  ! … and ${more} more`] : []),
      ...warnings.slice(0, MAX_WARNINGS).map((warning) => `    the services said: ${warning.slice(0, 200)}`),
    ];
  });
  const failed = results.filter(({ complaints }) => complaints.length > 0).length;
  return `${[line('fault', COLUMNS), ...lines, '', `${results.length - failed} passed, ${failed} failed`].join('\n')}\n`;
}
