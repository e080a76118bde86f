export { configuredRequestTopics, configuredResponseTopics } from './configured.js';
export { type Replied, repliedChannel } from './exchange/diagnostics.js';
export { judgeProxyConfig } from './judge-config.js';
export { hasStreams, needsOf as proxyNeeds } from './kafka/needs.js';
export { passingInstance } from './kafka/passing-instance.js';
export { type Heading, type Narrowed, narrow } from './private/narrow.js';
export {
  type PrivateEvents,
  type PrivateProxy,
  type PrivateProxyOptions,
  startPrivateProxy,
} from './private/private-proxy.js';
export type { Sent } from './private/watched-producer.js';
export type { Fate } from './requester/fate.js';
export { createRequester, type Requested, type Requester, type RequesterOptions } from './requester/requester.js';
export type { ProxyContext, RunningProxy } from './running-proxy.js';
export { startProxy } from './start.js';
export { proxySummary } from './summary.js';
