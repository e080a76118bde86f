import { environmentTable } from '@kafka-http-proxy/service';
import { bareEnvironment, run } from '../machine/run.js';
import { CONFIGURATIONS, type Tier } from '../tiers.js';

/**
 * What a tier's own command says of settings: the configuration that it would use.
 *
 * @throws Error with its sentences
 */
export async function checkConfiguration(
  tier: Tier,
  settings: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const env = { ...bareEnvironment(), ...settings };
  const told = await run(`node_modules/.bin/kafka-${tier}`, [...args, '--check', '--json'], { env });
  return JSON.parse(told) as Record<string, unknown>;
}

/** True for a variable that the tier reads. */
export function isKnownVariable(tier: Tier, variable: string): boolean {
  const name = variable.replace(/_FILE$/, '');
  return (
    environmentTable(CONFIGURATIONS[tier]).some(({ env }) => env === name) ||
    name.startsWith('KAFKA_PROPERTY_') ||
    // OpenTelemetry's own: docs/observability.md.
    name.startsWith('OTEL_') ||
    (tier === 'processor' && name.startsWith('CONSUMER_GROUP_')) ||
    ['CONFIG_SOURCE', 'CONFIG_PATH'].includes(variable)
  );
}
