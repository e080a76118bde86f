export { openTracing, wantsTraces } from './open-tracing.js';
export { CommonFacts, type Facts, KIND, type Kind, Span, type SpanEvent } from './port/span.js';
export { contextOf, type SpanRef, type Trace } from './port/trace.js';
export type { Tracing } from './port/tracing.js';
export { bareHost, methodFacts, methodName, shortText } from './spans/http.js';
export { traceIds } from './spans/log.js';
export { describeProcess, describeSend, type RecordFacts, type RecordPlace } from './spans/messaging.js';
