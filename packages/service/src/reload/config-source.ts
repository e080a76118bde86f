import type { z } from 'zod';
import {
  type JudgeFurther,
  type LoadConfigOptions,
  type LoadedConfig,
  loadPlacedConfig,
} from '../config/load-config.js';

/** Where a configuration is read from, again and again. */
export interface ConfigSource<C> {
  /** Reads and judges it. @throws ConfigError with a line for each mistake */
  load(): Promise<LoadedConfig<C>>;
  /** Files that the last reading was of, whether it succeeded or not. */
  files(): readonly string[];
}

/** @param judge as at a start */
export function createConfigSource<S extends z.ZodType>(
  options: Omit<LoadConfigOptions<S>, 'reading'>,
  judge: JudgeFurther<z.output<S>>,
): ConfigSource<z.output<S>> {
  let read = new Set<string>();
  return {
    async load() {
      read = new Set();
      return await loadPlacedConfig({ ...options, reading: (file) => read.add(file) }, judge);
    },
    files: () => [...read],
  };
}
