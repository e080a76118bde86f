import { describeError } from '../log/describe-error.js';
import type { Logger } from '../log/logger.js';
import type { ConfigChanges } from './config-changes.js';

/** What is said of reloads: keys and files by name, never a value. */
export interface ReloadLog {
  taken(changes: ConfigChanges): void;
  /** @param since when the configuration that serves on was read */
  refused(mistakes: readonly string[], since: Date): void;
  /** The reloading itself failed. */
  failed(error: unknown): void;
}

/** Names that a sentence has; the line has them all. */
const MOST_NAMES = 10;

/** @example const log = createReloadLog(logger); log.taken({ keys: ['routes'], files: [] }); */
export function createReloadLog(logger: Pick<Logger, 'info' | 'error'>): ReloadLog {
  return {
    taken({ keys, files }) {
      const names = [...keys, ...files.map(({ key, path }) => `${key} (${path})`)];
      if (names.length === 0) {
        logger.info('the configuration was read again: nothing in it has changed');
        return;
      }
      const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
      logger.info(
        { keys, files: files.map(({ path }) => path) },
        `the changed configuration is in effect: ${names.slice(0, MOST_NAMES).join(', ')}${more}`,
      );
    },
    refused(mistakes, since) {
      for (const mistake of mistakes) logger.error(`the changed configuration is refused: ${mistake}`);
      logger.error({ mistakes: mistakes.length }, `the configuration of ${since.toISOString()} stays in effect`);
    },
    failed(error) {
      logger.error({ err: error }, `the configuration could not be read again: ${describeError(error)}`);
    },
  };
}
