import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../machine/cached.js';
import { goTool } from '../machine/go-tool.js';
import { mustRun, type OtherServer, startServer } from '../machine/program.js';
import { repositoryPath } from '../services/service-process.js';

/** The core's release, and the contrib repository's, which follows it. */
const CORE = 'v0.165.0';
const CONTRIB = 'v0.165.1';
const core = (name: string) => ({ gomod: `go.opentelemetry.io/collector/${name} ${CORE}` });
const contrib = (name: string) => ({
  gomod: `github.com/open-telemetry/opentelemetry-collector-contrib/${name} ${CONTRIB}`,
});

/**
 * What is in it: no more than docker/otel-collector/config.yaml names, since each part costs minutes of a first build. The
 * tag leaves out what finds targets in clouds (prometheus/prometheus, `plugins`).
 */
const MANIFEST = {
  dist: { name: 'otelcol', version: CONTRIB.slice(1), output_path: 'out', build_tags: 'remove_all_sd' },
  receivers: [
    core('receiver/otlpreceiver'),
    contrib('receiver/prometheusreceiver'),
    contrib('receiver/filelogreceiver'),
  ],
  processors: [core('processor/batchprocessor'), core('processor/memorylimiterprocessor')],
  exporters: [core('exporter/otlphttpexporter'), core('exporter/debugexporter')],
};

/** The configuration that is shipped. */
export const COLLECTOR_CONFIG = repositoryPath('docker/otel-collector/config.yaml');

/**
 * Path of an OpenTelemetry Collector, put together by its own builder on first use, which takes minutes.
 *
 * @throws Error when Go is missing, or with what the builder printed
 */
export async function otelcol(): Promise<string> {
  // JSON is YAML.
  const manifest = JSON.stringify(MANIFEST);
  const content = createHash('sha256').update(manifest).digest('hex').slice(0, 8);
  return await cached(`otelcol-${CONTRIB}-${content}`, async (draft) => {
    const builder = await goTool('ocb', 'go.opentelemetry.io/collector/cmd/builder', CORE);
    await writeFile(join(draft, 'manifest.yaml'), manifest);
    await mustRun(builder, ['--config', 'manifest.yaml'], { cwd: draft });
    return join(draft, 'out/otelcol');
  });
}

/**
 * Starts a collector with the configuration that is shipped.
 *
 * @param env the variables that its head names; it listens on a free port
 * @param overrides further configurations in YAML, which go over it
 */
export async function startOtelcol(
  env: Readonly<Record<string, string>>,
  overrides: readonly string[] = [],
): Promise<OtherServer> {
  // Its own metrics have a fixed port.
  const own = ['service::telemetry::metrics::level: none', ...overrides];
  return await startServer(
    await otelcol(),
    ['--config', COLLECTOR_CONFIG, ...own.flatMap((yaml) => ['--config', `yaml:${yaml}`])],
    /"endpoint": "127\.0\.0\.1:(\d+)"[\s\S]*Everything is ready/,
    { OTLP_LISTEN: '127.0.0.1:0', ...env },
  );
}
