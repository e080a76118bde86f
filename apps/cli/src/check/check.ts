import {
  type CheckLine,
  type Finding,
  pluginResult,
  pluginUnknown,
  runSteps,
  selection,
} from '@kafka-http-proxy/operate';
import { describeError } from '@kafka-http-proxy/service';
import { CommandFailure, EXIT, isKafkaFailure, mistake } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { createPrinter } from '../output/printer.js';
import { loadAccesses } from './given/access.js';
import type { CheckFlags } from './given/flags.js';
import { printLine } from './print-line.js';
import { allSteps } from './steps/all.js';

/** Runs the checks that are wanted and prints what they find. @returns the exit code of the format */
export async function runCheck(flags: CheckFlags, host: Host): Promise<number> {
  if (flags.format === 'nagios') return await asPlugin(flags, host);
  const json = flags.json === true || flags.format === 'json';
  const print = createPrinter(host, { ...flags, ...(json && { json }) });
  const lines = await check(flags, host, (line) => printLine(line, print));
  if (host.signal.aborted) return EXIT.interrupted;
  return lines.some(({ state }) => state === 'FAIL') ? EXIT.notWell : EXIT.done;
}

/** A monitor takes an exit code of 2 for a failure, not for a mistake. */
async function asPlugin(flags: CheckFlags, host: Host): Promise<number> {
  const { line, exitCode } = await check(flags, host, () => undefined).then(
    (lines) => (host.signal.aborted ? pluginUnknown('interrupted') : pluginResult(lines)),
    (error: unknown) => pluginUnknown(describeError(error)),
  );
  host.stdout.write(`${line}\n`);
  return exitCode;
}

async function check(flags: CheckFlags, host: Host, onLine: (line: CheckLine) => void): Promise<CheckLine[]> {
  const selected = selection({ only: flags.only ?? [], skip: flags.skip ?? [] });
  const loaded = await loadAccesses(flags, host);
  const steps = allSteps(loaded, flags, host);
  if (!steps.some(({ id }) => selected(id))) {
    throw mistake(
      `check: no check is left by --only and --skip; there are ${[...new Set(steps.map(({ id }) => id))].join(', ')}`,
    );
  }
  const lines: CheckLine[] = [];
  try {
    for await (const line of runSteps(steps, { selected, failed: findingOf })) {
      if (host.signal.aborted) break;
      lines.push(line);
      onLine(line);
    }
  } finally {
    await Promise.all(loaded.accesses.map((access) => access.close()));
  }
  return lines;
}

/** What Kafka, the network and files do not give is a finding; a defect of ours is not. */
function findingOf(error: unknown): Finding | null {
  const known = error instanceof CommandFailure || isKafkaFailure(error);
  return known ? { state: 'FAIL', what: error.message } : null;
}
