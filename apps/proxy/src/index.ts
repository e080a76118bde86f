export { type Replied, repliedChannel } from './diagnostics.js';
export { type ProxyContext, type RunningProxy, startProxy } from './start.js';
