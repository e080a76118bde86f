export { type Closer, type CloseStep, createCloser } from './closing/closer.js';
export { type Timer, within } from './closing/within.js';
export { endAtClosedPipe } from './command/closed-pipe.js';
export type { HostProcess } from './command/host-process.js';
export { packageVersion } from './command/package-version.js';
export {
  type CommandOptions,
  runCommand,
  type ServiceConfig,
  type StartContext,
  type StartLog,
} from './command/run-command.js';
export type { RunningService } from './command/running-service.js';
export type { StartSummary } from './command/start-lines.js';
export { onStopSignals, type StopSignals, stopBeforeLoaded } from './command/stop-signals.js';
export { strayWord } from './command/stray-word.js';
export { ConfigError } from './config/config-error.js';
export { readConfigFile } from './config/config-file.js';
export { type EnvironmentRow, environmentTable, type KeyRow, keyTable } from './config/environment-table.js';
export {
  type ConfigDoubt,
  configFile,
  type LoadConfigOptions,
  loadConfig,
  loadJudgedConfig,
} from './config/load-config.js';
export { maskSecrets } from './config/mask-secrets.js';
export { type OtherTier, recogniseOther } from './config/other-tier.js';
export type { Environment } from './config/plain.js';
export { createKafkaEvents, type KafkaClientEvents } from './kafka/kafka-events.js';
export { createPersistence, type Persistence, type PersistenceOptions } from './kafka/persist.js';
export { topicMatcher } from './kafka/topic-matcher.js';
export { describeError } from './log/describe-error.js';
export { createFloodGuard, type FloodGuard } from './log/flood-guard.js';
export { createLogWriter, type LogTarget, type LogWriter, type LogWriterOptions } from './log/log-writer.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './log/logger.js';
export { logToStandardOutput, registerLogWriter } from './log/standard-output.js';
export { type Listening, type ListenOptions, type ListenTls, listen } from './management/listen.js';
export {
  createManagementApp,
  type ManagementOptions,
  type Readiness,
} from './management/management-app.js';
export { registerReadinessGauge } from './management/readiness-gauge.js';
export { LatencyHistogram, type LatencyHistogramOptions, type LatencySeries } from './metrics/latency-histogram.js';
export { boundedLabel, createRegistry, methodLabel, removeSeries } from './metrics/registry.js';
export { type CounterSeries, RequestCounter, type RequestCounterOptions } from './metrics/request-counter.js';
export { type ConfigChanges, concerns, type NamedFile } from './reload/config-changes.js';
export { type ConfigStatus, fixedConfigStatus } from './reload/config-status.js';
export { registerReloadMetrics } from './reload/reload-metrics.js';
export { belowTls } from './tls/below-tls.js';
export { openTls } from './tls/open-tls.js';
export { createTlsEndpoint, type TlsEndpoint, type TlsPort } from './tls/tls-endpoint.js';
export { tlsDoubts } from './tls/tls-files.js';
export { registerTlsMetrics } from './tls/tls-metrics.js';
export { tlsWarnings } from './tls/tls-warnings.js';
