export { RawClient } from './http/raw-client.js';
export { parseResponse, type RawResponse, rawExchange, requestBytes } from './http/raw-http.js';
export {
  type Answer,
  echo,
  type RawBackend,
  type Received,
  type ScriptedBackend,
  startBackend,
  startRawBackend,
} from './http/scripted-backend.js';
export { type Issuer, type IssuerMode, type IssuerOptions, startIssuer, type TokenOptions } from './identity/issuer.js';
export { ALGORITHMS, type Algorithm, createSigningKey, type SigningKey } from './identity/signing-key.js';
export type { Acl } from './kafka/admin.js';
export { createAuthority } from './kafka/certificates.js';
export { type RealKafka, type RealKafkaOptions, startKafka } from './kafka/real-kafka.js';
export { type SecureKafka, type SecureListener, startSecureKafka } from './kafka/security.js';
export { deleteTopic } from './kafka/topic-admin.js';
export { needsZooKeeper } from './kafka/zookeeper.js';
export { cached } from './machine/cached.js';
export { type Cleanup, createCleanup } from './machine/cleanup.js';
export { parseCount, runDriver, takeWords } from './machine/command-line.js';
export { goTool } from './machine/go-tool.js';
export { hasProgram } from './machine/has-program.js';
export { freePort } from './machine/ports.js';
export { type Finished, runProgram } from './machine/program.js';
export { createProgress, type Progress } from './machine/progress.js';
export {
  type CollectorMode,
  type CollectorOptions,
  type CollectorRequest,
  type OtlpCollector,
  startOtlpCollector,
} from './otlp/collector.js';
export type { Attributes, AttributeValue, ReceivedEvent, ReceivedLink, ReceivedSpan } from './otlp/span.js';
export { type TreeOptions, treeOf } from './otlp/tree.js';
export { type Bridge, type BridgeOptions, type BrokerUnderTest, brokerEnv, startBridge } from './services/bridge.js';
export { type Nginx, startNginx } from './services/nginx.js';
export {
  repositoryPath,
  type ServiceOptions,
  type ServiceProcess,
  startService,
  sumSeries,
} from './services/service-process.js';
