import { type ProcessorConfig, type ProxyConfig, processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import {
  configFile,
  type Environment,
  loadConfig,
  type OtherTier,
  readConfigFile,
  recogniseOther,
} from '@kafka-http-proxy/service';

const PROXY: OtherTier = { tier: 'proxy', command: 'kafka-http-proxy proxy', schema: proxyConfig };
const PROCESSOR: OtherTier = { tier: 'processor', command: 'kafka-http-proxy processor', schema: processorConfig };

/** One configuration of a tier, and where it came from. */
export type TierConfig =
  | { readonly tier: 'proxy'; readonly source: string; readonly config: ProxyConfig }
  | { readonly tier: 'processor'; readonly source: string; readonly config: ProcessorConfig };

/**
 * The configurations that a command was given: those of its files, or what the services would read from the
 * environment: the proxy's, and the processor's where KAFKA_TOPICS or TOPICS is set.
 *
 * @throws ConfigError with a line for every mistake
 */
export function loadConfigurations(files: readonly string[], environment: Environment): TierConfig[] {
  if (files.length > 0) return files.map((file) => ofFile(file, environment));
  const named = configFile({ environment });
  if (named !== undefined) return [ofFile(named, environment)];
  const found: TierConfig[] = [
    { tier: 'proxy', source: 'environment', config: loadConfig({ schema: proxyConfig, environment }) },
  ];
  if (environment.KAFKA_TOPICS || environment.TOPICS) {
    const config = loadConfig({ schema: processorConfig, environment });
    found.push({ tier: 'processor', source: 'environment', config });
  }
  return found;
}

function ofFile(file: string, environment: Environment): TierConfig {
  const { values } = readConfigFile(file);
  if (recogniseOther(proxyConfig, values, PROCESSOR) !== undefined) {
    const config = loadConfig({ schema: processorConfig, file, environment, other: PROXY });
    return { tier: 'processor', source: file, config };
  }
  return {
    tier: 'proxy',
    source: file,
    config: loadConfig({ schema: proxyConfig, file, environment, other: PROCESSOR }),
  };
}
