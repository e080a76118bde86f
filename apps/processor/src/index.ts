export { HANDLED_CHANNEL, type Handled } from './handled.js';
export { type ProcessorContext, type RunningProcessor, startProcessor } from './start.js';
