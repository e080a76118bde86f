export { type Closer, type CloseStep, createCloser } from './closer.js';
export { endAtClosedPipe } from './command/closed-pipe.js';
export type { HostProcess } from './command/host-process.js';
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
export { type EnvironmentRow, environmentTable, type KeyRow, keyTable } from './config/environment-table.js';
export { type ConfigDoubt, type LoadConfigOptions, loadConfig, loadJudgedConfig } from './config/load-config.js';
export { maskSecrets } from './config/mask-secrets.js';
export type { OtherTier } from './config/other-tier.js';
export type { Environment } from './config/plain.js';
export { describeError } from './describe-error.js';
export { createFloodGuard, type FloodGuard } from './flood-guard.js';
export { createKafkaEvents, type KafkaClientEvents } from './kafka-events.js';
export { LatencyHistogram, type LatencyHistogramOptions, type LatencySeries } from './latency-histogram.js';
export { createLogWriter, type LogTarget, type LogWriter, type LogWriterOptions } from './log-writer.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.js';
export { type Listening, type ListenOptions, listen } from './management/listen.js';
export {
  createManagementApp,
  type Health,
  type ManagementOptions,
  type Readiness,
} from './management/management-app.js';
export { boundedLabel, createRegistry, methodLabel } from './metrics.js';
export { packageVersion } from './package-version.js';
export { createPersistence, type Persistence, type PersistenceOptions } from './persist.js';
export { topicMatcher } from './topic-matcher.js';
export { type Timer, within } from './within.js';
