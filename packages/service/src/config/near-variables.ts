import type { z } from 'zod';
import { environmentTable } from './environment-table.js';
import type { Environment } from './plain.js';
import { slips } from './suggest.js';

/** A variable that is set, nobody reads, and is one slip from one of ours. */
export interface NearVariable {
  readonly name: string;
  readonly meant: string;
}

/** Names shorter than this are near to too much: HOST is one letter from POST. */
const SHORTEST = 6;

/** Beginnings of names whose rest is free. */
const PREFIXES = ['KAFKA_PROPERTY_', 'CONSUMER_GROUP_'] as const;
/** Read by the commands, whatever the tier. */
const COMMANDS = ['CONFIG_SOURCE', 'CONFIG_PATH'] as const;

/**
 * The variables of an environment that are one slip (a letter, two in the wrong order, the case) from one that a tier
 * reads. Silent are those that are near to nothing, that another tier reads, and whose likely meaning is set too.
 *
 * @param schema of the tier that runs
 * @param others of tiers whose variables may stand in the same environment
 */
export function nearVariables(
  schema: z.ZodType,
  environment: Environment,
  others: readonly z.ZodType[] = [],
): NearVariable[] {
  const ours = withFiles([...environmentTable(schema).map(({ env }) => env), ...COMMANDS]);
  const theirs = new Set(withFiles(others.flatMap((other) => environmentTable(other).map(({ env }) => env))));
  const known = new Set([...ours, ...theirs]);
  return Object.keys(environment).flatMap((name) => {
    if (!environment[name] || known.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix))) return [];
    const meant = ours.find((our) => our.length >= SHORTEST && isNear(name, our)) ?? prefixed(name);
    return meant === undefined || environment[meant] ? [] : [{ name, meant }];
  });
}

function withFiles(names: readonly string[]): string[] {
  return names.flatMap((name) => [name, `${name}_FILE`]);
}

function isNear(name: string, ours: string): boolean {
  return Math.abs(name.length - ours.length) <= 1 && slips(name.toUpperCase(), ours) <= 1;
}

/** `KAFKA_PROPERTY_SASL_PASSWORD` for `KAFKA_PROPERTIE_SASL_PASSWORD`: of such names only the beginning is known. */
function prefixed(name: string): string | undefined {
  for (const prefix of PREFIXES) {
    for (const length of [prefix.length - 1, prefix.length, prefix.length + 1]) {
      const rest = name.slice(length);
      if (rest !== '' && isNear(name.slice(0, length), prefix)) return `${prefix}${rest}`.toUpperCase();
    }
  }
  return undefined;
}
