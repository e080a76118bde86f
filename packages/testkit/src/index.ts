export { type Bridge, type BridgeOptions, type BrokerUnderTest, brokerEnv, startBridge } from './bridge.js';
export { cached } from './cached.js';
export { type Cleanup, createCleanup } from './cleanup.js';
export { goTool } from './go-tool.js';
export { type Nginx, startNginx } from './nginx.js';
export { type Finished, runProgram } from './program.js';
export { createProgress, type Progress } from './progress.js';
export { RawClient } from './raw-client.js';
export { parseResponse, type RawResponse, rawExchange, requestBytes } from './raw-http.js';
export { type RealKafka, type RealKafkaOptions, startKafka } from './real-kafka.js';
export {
  type Answer,
  echo,
  type RawBackend,
  type Received,
  type ScriptedBackend,
  startBackend,
  startRawBackend,
} from './scripted-backend.js';
export {
  freePort,
  repositoryPath,
  type ServiceOptions,
  type ServiceProcess,
  startService,
  sumSeries,
} from './service-process.js';
