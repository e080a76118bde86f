import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProxyConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { Registry } from 'prom-client';
import { type Mock, onTestFinished, vi } from 'vitest';
import type { ConfigChanges } from '../reload/config-changes.js';
import { createConfigSource } from '../reload/config-source.js';
import { createReloadLog } from '../reload/reload-log.js';
import { registerReloadMetrics } from '../reload/reload-metrics.js';
import { createReloader, type Reloader } from '../reload/reloader.js';

/** A reloader of a configuration in real files, and what it did. */
export interface ReloaderUnderTest {
  readonly reloader: Reloader;
  readonly apply: Mock<(next: ProxyConfig, changes: ConfigChanges) => Promise<void>>;
  /** Each line that was logged. */
  readonly lines: string[];
  readonly clock: { ms: number };
  /** Called while it waits for who is writing a file. */
  settling: () => void;
  /** Writes a file of the folder; gives its path. */
  write(name: string, text: string): string;
  metrics(): Promise<string>;
}

/**
 * @param texts the files at the start; `{dir}` in them is their folder. `proxy.yaml` is the configuration
 * @param firstMs when that began to be read, ms since the epoch; later than all files when left out
 */
export async function startReloader(
  texts: Readonly<Record<string, string>>,
  environment: (dir: string) => Record<string, string> = () => ({}),
  firstMs: number = Date.now() + 60_000,
): Promise<ReloaderUnderTest> {
  const dir = mkdtempSync(join(tmpdir(), 'khp-reload-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text.replaceAll('{dir}', dir));
    return join(dir, name);
  };
  for (const [name, text] of Object.entries(texts)) write(name, text);
  const file = 'proxy.yaml' in texts ? join(dir, 'proxy.yaml') : undefined;
  const source = createConfigSource({ schema: proxyConfig, file, environment: environment(dir) }, async () => []);
  const first = (await source.load()).config;
  const lines: string[] = [];
  const say = (about: unknown, sentence?: string) => lines.push(String(sentence ?? about).replaceAll(dir, ''));
  const registry = new Registry();
  const clock = { ms: Date.now() };
  let made: ReloaderUnderTest;
  const apply = vi.fn<(next: ProxyConfig, changes: ConfigChanges) => Promise<void>>(async () => undefined);
  const reloader = createReloader({
    schema: proxyConfig,
    source,
    first,
    firstMs,
    apply,
    log: createReloadLog({ info: say, error: say } as never),
    metrics: registerReloadMetrics(registry, 'proxy'),
    settle: () => Promise.resolve(made.settling()),
    now: () => clock.ms,
  });
  await reloader.look();
  made = { reloader, apply, lines, clock, write, settling: () => undefined, metrics: () => registry.metrics() };
  return made;
}
