export { type Replied, repliedChannel } from './exchange/diagnostics.js';
export { judgeProxyConfig } from './judge-config.js';
export { type ProxyContext, type RunningProxy, startProxy } from './start.js';
export { proxySummary } from './summary.js';
