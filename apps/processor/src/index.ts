export { judgeProcessorConfig } from './judge-config.js';
export { type ProcessorContext, type RunningProcessor, startProcessor } from './start.js';
export { processorSummary } from './summary.js';
export { HANDLED_CHANNEL, type Handled } from './work/handled.js';
