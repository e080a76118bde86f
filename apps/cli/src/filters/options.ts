import { createFilter, type Filter, type FilterOptions } from '@kafka-http-proxy/operate';
import type { Command } from 'commander';
import { repeated } from '../connection/options.js';
import type { TimeFlags } from './times.js';

/** What is looked for, as it was typed. */
export type FilterFlags = FilterOptions & TimeFlags;

/** Adds the options that say which records are looked for; those given all have to match. */
export function withFilters(command: Command): Command {
  return command
    .option('--since <time>', 'from when: 5m (ago), @2026-02-14T10:00Z, or two times as @-48h:-24h')
    .option('--until <time>', 'until when, left out itself')
    .option('--id <id>', 'id of a request, as the backend has it in X-Request-ID, or its beginning')
    .option('--method <method>', 'HTTP method; may be repeated', repeated)
    .option('--path <glob>', 'path without the query: /orders/* or /orders/**')
    .option('--status <status>', '502 or 5xx; may be repeated', repeated)
    .option('--code <code>', "a code of the bridge's own failures, such as timeout; may be repeated", repeated)
    .option('--client <address>', 'address of the client')
    .option('--key <glob>', "the record's key")
    .option('--header <field>', "an HTTP field, 'Name: glob'; may be repeated", repeated)
    .option('--topic <glob>', 'the topic; of a dead letter, the request topic that it was in');
}

/** The filter that was asked for, but for its times. @throws {FilterMistake} which ends a command with exit code 2 */
export function filterOf(flags: FilterFlags): Filter {
  return createFilter(flags);
}
