import { MAX_TIMER_MS } from '@kafka-http-proxy/protocol';
import type { Logger } from 'pino';
import { describeError } from '../log/describe-error.js';
import type { HostProcess } from './host-process.js';
import type { RunningService } from './running-service.js';
import { onStopSignals } from './stop-signals.js';

/** A start, and what it may use. */
export interface ServiceRun {
  readonly start: (signal: AbortSignal) => Promise<RunningService>;
  /** How long a stop may take; asked when it begins. */
  readonly graceMs: () => number;
  readonly logger: Logger;
  readonly host: HostProcess;
}

const FAULTS = ['unhandledRejection', 'uncaughtException'] as const;

/**
 * Starts a service and stops it when a signal says so: 0 after a stop in time, 1 after a
 * failed start, a failed or late stop, a signal that insists (see {@link onStopSignals}), or an error that
 * nobody caught.
 *
 * @returns the exit code
 */
export async function runService({ start, graceMs: graceOf, logger, host }: ServiceRun): Promise<number> {
  const stopping = new AbortController();
  const told = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  let cut: (code: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    cut = resolve;
  });
  let grace: NodeJS.Timeout | undefined;

  onStopSignals(host, {
    stop(signal) {
      const graceMs = graceOf();
      logger.info({ signal }, `${signal}: stopping, within ${graceMs / 1000} s`);
      grace = setTimeout(
        () => {
          logger.error(
            `the stop did not end within shutdown_grace (${graceMs / 1000} s): exiting with work unfinished`,
          );
          cut(1);
        },
        Math.min(graceMs, MAX_TIMER_MS),
      );
      stopping.abort();
    },
    force(signal) {
      logger.warn({ signal }, `${signal} again: exiting at once`);
      cut(1);
    },
  });
  let faulted = false;
  const onFault = (error: unknown): void => {
    if (faulted) return;
    faulted = true;
    logger.fatal({ err: error }, `an error that nobody caught: ${describeError(error)}`);
    cut(1);
  };

  for (const name of FAULTS) host.on(name, onFault);
  try {
    return await Promise.race([live(start, stopping.signal, told, logger), ended]);
  } finally {
    clearTimeout(grace);
    for (const name of FAULTS) host.off(name, onFault);
  }
}

async function live(
  start: ServiceRun['start'],
  signal: AbortSignal,
  told: Promise<void>,
  logger: Logger,
): Promise<number> {
  let service: RunningService;
  try {
    service = await start(signal);
  } catch (error) {
    if (signal.aborted) {
      logger.info('stopped before the start was done');
      return 0;
    }
    logger.debug({ err: error }, 'the failure to start in full');
    logger.fatal(`could not start: ${describeError(error)}`);
    return 1;
  }
  await told;
  try {
    await service.stop();
  } catch (error) {
    logger.error(`could not stop cleanly: ${describeError(error)}`);
    return 1;
  }
  logger.info('stopped');
  return 0;
}
