import type { Tracing } from './port/tracing.js';
import type { Environment } from './sdk/environment.js';
import type { SdkOptions } from './sdk/start-sdk.js';

/** Any of these switches tracing on, as in Dapr. */
const SWITCHES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_TRACES_EXPORTER'];

/** Whether the variables ask for traces (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). */
export function wantsTraces(environment: Environment): boolean {
  // An empty variable is as none.
  const value = (name: string) => environment[name]?.trim().toLowerCase() || undefined;
  if (value('OTEL_SDK_DISABLED') === 'true' || value('OTEL_TRACES_EXPORTER') === 'none') return false;
  return SWITCHES.some((name) => value(name) !== undefined);
}

/**
 * Opens tracing where the standard OTEL_* variables ask for it. No file of the SDK is read otherwise.
 *
 * @example
 * const tracing = await openTracing({ serviceName: 'kafka-http-proxy-proxy', version, environment: process.env, logger });
 * const trace = tracing?.decide(incoming, true) ?? null;
 */
export async function openTracing(options: SdkOptions): Promise<Tracing | null> {
  if (!wantsTraces(options.environment)) return null;
  const { startSdk } = await import('./sdk/start-sdk.js');
  return startSdk(options);
}
