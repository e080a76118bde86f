export { type Replied, repliedChannel } from './exchange/diagnostics.js';
export { judgeProxyConfig } from './judge-config.js';
export type { Fate } from './requester/fate.js';
export { createRequester, type Requested, type Requester, type RequesterOptions } from './requester/requester.js';
export type { ProxyContext, RunningProxy } from './running-proxy.js';
export { startProxy } from './start.js';
export { proxySummary } from './summary.js';
