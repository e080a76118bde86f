export { judgeProcessorConfig } from './kafka/judge-config.js';
export { needsOf as processorNeeds, topicsOf as processorTopics } from './kafka/needs.js';
export { processorSummary } from './observe/summary.js';
export { type ProcessorContext, type RunningProcessor, startProcessor } from './start.js';
export { HANDLED_CHANNEL, type Handled } from './work/handled.js';
