import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';

/** A service of this repository. */
export type Tier = 'proxy' | 'processor';

/** The schema of each tier's configuration. */
export const CONFIGURATIONS = { proxy: proxyConfig, processor: processorConfig } as const;
