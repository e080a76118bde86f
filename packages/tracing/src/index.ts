export { openTracing } from './open-tracing.js';
export { type Facts, KIND, type Kind, Span } from './port/span.js';
export { contextOf, type SpanRef, type Trace } from './port/trace.js';
export type { Tracing } from './port/tracing.js';
export { bareHost, methodFacts, methodName, shortText } from './spans/http.js';
export { traceIds } from './spans/log.js';
export { beginSend, describeProcess, endSend, type RecordFacts, type RecordPlace } from './spans/messaging.js';
