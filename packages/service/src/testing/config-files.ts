import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProcessorConfig, type ProxyConfig, processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { afterAll, beforeAll } from 'vitest';
import { loadConfig } from '../config/load-config.js';

type Load<Config> = (text: string | undefined, environment?: Record<string, string>) => Config;

/** Files of configurations, and what they load as. */
export interface ConfigFiles {
  /** Writes a file; gives its path. */
  file(text: string, extension?: string): string;
  readonly proxy: Load<ProxyConfig>;
  readonly processor: Load<ProcessorConfig>;
}

/** A folder for files of configurations, as long as the tests of a file run. */
export function useConfigFiles(): ConfigFiles {
  let folder: string;
  let count = 0;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'khp-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string, extension = 'yaml'): string => {
    const path = join(folder, `${++count}.${extension}`);
    writeFileSync(path, text);
    return path;
  };
  const fileOf = (text: string | undefined) => (text === undefined ? undefined : file(text));
  return {
    file,
    proxy: (text, environment = {}) => loadConfig({ schema: proxyConfig, file: fileOf(text), environment }),
    processor: (text, environment = {}) => loadConfig({ schema: processorConfig, file: fileOf(text), environment }),
  };
}
